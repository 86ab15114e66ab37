"""Who gets in on the word of an OpenID provider: people who have an account, and people who were invited."""

import hashlib
from dataclasses import dataclass

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from generations.errors import GalleryError
from generations.models import User
from generations.queries.teams.members import invitation_for
from generations.services.teams.invitations import accept

PROVIDER = "openid"


@dataclass(frozen=True)
class Identity:
    """What the provider says, after its signature was checked. `verified`: it has seen that the address is theirs."""

    issuer: str
    subject: str
    email: str
    verified: bool
    name: str

    @property
    def key(self) -> str:
        """Another issuer's subject with the same letters is somebody else."""
        return hashlib.sha256(f"{self.issuer}\0{self.subject}".encode()).hexdigest()


class NotConnectedError(GalleryError):
    """An account has the address and a password. Whoever knows that says first that the account is theirs: it may have
    been made in the address's name by somebody else, who would stay in it."""


def sign_in_identity(identity: Identity) -> User:
    """Known by what the provider calls her; at the first time by the verified address. Raises NotConnected and
    GalleryError."""
    known = SocialAccount.objects.filter(provider=PROVIDER, uid=identity.key).select_related("user").first()
    try:
        user = known.user if known is not None else _link(identity)
    except IntegrityError as error:
        raise GalleryError("Somebody signs in with this address at this moment. Try again.") from error
    if not user.is_active:
        raise GalleryError("This account is switched off. Ask whoever runs the site.")
    return user


@transaction.atomic
def _link(identity: Identity) -> User:
    if not identity.email or not identity.verified:
        raise GalleryError("It does not say which verified e-mail address is yours, and this site needs one.")
    user = User.objects.filter(email=identity.email).first()
    if user is not None and user.has_usable_password():
        raise NotConnectedError(
            f"{identity.email} has an account here. Sign in with its password once (or set a new one by mail): "
            "from then on this way leads in as well."
        )
    return _connected(user or _invited(identity), issuer=identity.issuer, key=identity.key)


@transaction.atomic
def connect(*, actor: User, issuer: str, key: str, email: str) -> bool:
    """After the password was said: whether the provider stands for the account from now on. Raises GalleryError."""
    if actor.email != email:
        return False
    _connected(actor, issuer=issuer, key=key)
    return True


def _connected(user: User, *, issuer: str, key: str) -> User:
    others = SocialAccount.objects.filter(provider=PROVIDER, user=user)
    # An address that was given to somebody else at the provider must not hand over the account.
    if any(one.extra_data.get("issuer") == issuer for one in others):
        raise GalleryError(f"The account {user} belongs to somebody else there. Ask whoever runs the site.")
    SocialAccount.objects.create(user=user, provider=PROVIDER, uid=key, extra_data={"issuer": issuer})
    return user


def _invited(identity: Identity) -> User:
    """An account without a password: the provider stands for it."""
    invitation = invitation_for(identity.email)
    if invitation is None:
        raise GalleryError(f"{identity.email} has no account here and no open invitation. Ask for one.")
    user = User.objects.create_user(identity.email, None, name=identity.name)
    accept(actor=user, invitation=invitation)
    return user

"""Sign-in with an OpenID provider, for users who have an account and for invited ones."""

import hashlib
from dataclasses import dataclass

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from generations.errors import GalleryError
from generations.models import User
from generations.queries.teams.members import invitation_for
from generations.services.teams.invitations import accept

PROVIDER = "openid"


@dataclass(frozen=True)
class Identity:
    """What the provider asserts, after its signature was checked; `verified`: the provider has verified the email."""

    issuer: str
    subject: str
    email: str
    verified: bool
    name: str

    @property
    def key(self) -> str:
        """Return the stored uid: a hash over issuer and subject, because two issuers may use the same subject."""
        return hashlib.sha256(f"{self.issuer}\0{self.subject}".encode()).hexdigest()


class NotConnectedError(GalleryError):
    """The address belongs to an account with a password that is not connected yet.

    The user has to sign in with that password first. Otherwise somebody who registered another person's address before
    them would keep access to the account.
    """


def sign_in_identity(identity: Identity) -> User:
    """Return the user of this identity.

    A connected identity is found by issuer and subject; the first sign-in matches the verified email with an account or
    an open invitation. Raises NotConnectedError, and GalleryError when there is no such user or the account is
    inactive.
    """
    known = SocialAccount.objects.filter(provider=PROVIDER, uid=identity.key).select_related("user").first()
    try:
        user = known.user if known is not None else _link(identity)
    except IntegrityError as error:
        raise GalleryError(_("Another sign-in with this email address is in progress. Try again.")) from error
    if not user.is_active:
        raise GalleryError(_("This account is deactivated. Ask a site admin."))
    return user


@transaction.atomic
def _link(identity: Identity) -> User:
    if not identity.email or not identity.verified:
        raise GalleryError(_("It didn't share a verified email address, which this site needs."))
    user = User.objects.filter(email=identity.email).first()
    if user is not None and user.has_usable_password():
        raise NotConnectedError(
            _(
                "%(email)s already has an account. Sign in with your password once, or reset it, to connect the two. "
                "After that, you can sign in either way."
            )
            % {"email": identity.email}
        )
    return _connected(user or _invited(identity), issuer=identity.issuer, key=identity.key)


@transaction.atomic
def connect(*, actor: User, issuer: str, key: str, email: str) -> bool:
    """Connect the provider to the account, after the user gave their password; return whether that was done.

    False when the account's email is not `email` any more. Raises GalleryError when another subject of this issuer is
    connected.
    """
    if actor.email != email:
        return False
    _connected(actor, issuer=issuer, key=key)
    return True


def _connected(user: User, *, issuer: str, key: str) -> User:
    others = SocialAccount.objects.filter(provider=PROVIDER, user=user)
    # The provider may reassign an address to another person, who must not get the account.
    if any(one.extra_data.get("issuer") == issuer for one in others):
        said = _("Another person's identity is already connected to the account %(email)s. Ask a site admin.")
        raise GalleryError(said % {"email": user})
    SocialAccount.objects.create(user=user, provider=PROVIDER, uid=key, extra_data={"issuer": issuer})
    return user


def _invited(identity: Identity) -> User:
    """Return a new account without a password, which has accepted the newest open invitation for the address."""
    invitation = invitation_for(identity.email)
    if invitation is None:
        said = _("%(email)s has no account and no open invitation. Ask a team owner to invite you.")
        raise GalleryError(said % {"email": identity.email})
    user = User.objects.create_user(identity.email, None, name=identity.name)
    accept(actor=user, invitation=invitation)
    return user

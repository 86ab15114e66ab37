"""What a person changes about herself."""

from dataclasses import dataclass

from django.core import signing
from django.db import IntegrityError, transaction

from generations.models import Session, User

SALT = "generations.change-of-address"
LINK_SECONDS = 24 * 3600


@dataclass(frozen=True)
class ChangeOfAddress:
    user: User
    new: str


def rename(*, user: User, name: str) -> None:
    User.objects.filter(pk=user.pk).update(name=name)


def end_sessions(*, user: User, but: str | None = None) -> int:
    """Signs the person out everywhere, but for the session of this key; how many sessions ended."""
    ended, _ = Session.objects.filter(user=user).exclude(session_key=but or "").delete()
    return ended


def token_of_change(*, user: User, new: str) -> str:
    """What the new address must bring back. It dies with the password and with the address it was asked from."""
    return signing.dumps([user.pk, user.email, new, user.get_session_auth_hash()], salt=SALT, compress=True)


def change_by(token: str) -> ChangeOfAddress | None:
    """None for a token that is not ours, is too old, or was used."""
    try:
        pk, old, new, proof = signing.loads(token, salt=SALT, max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, email=old, is_active=True).first()
    stands = user is not None and user.get_session_auth_hash() == proof and not is_taken(new)
    return ChangeOfAddress(user, new) if user is not None and stands else None


def is_taken(email: str) -> bool:
    return User.objects.filter(email=email).exists()


def change_address(change: ChangeOfAddress) -> bool:
    """False when somebody was faster with this address."""
    try:
        with transaction.atomic():
            return User.objects.filter(pk=change.user.pk, email=change.user.email).update(email=change.new) == 1
    except IntegrityError:
        return False

"""The user's own name, email address, password and sessions."""

from dataclasses import dataclass

from django.core import signing
from django.db import IntegrityError, transaction

from generations.models import THUMBNAIL_SIZES, AuditAction, Session, User
from generations.services.site import audit

SALT = "generations.change-of-address"
LINK_SECONDS = 24 * 3600


@dataclass(frozen=True)
class EmailChange:
    """A change of address that the new address has confirmed."""

    user: User
    new: str


def rename(*, user: User, name: str) -> None:
    """Set the user's display name."""
    User.objects.filter(pk=user.pk).update(name=name)


def set_thumbnail_size(*, user: User, size: int) -> None:
    """Set how large the thumbnails of the gallery are for the user; a size that does not exist changes nothing."""
    if 1 <= size <= THUMBNAIL_SIZES:
        User.objects.filter(pk=user.pk).update(thumbnail_size=size)


@transaction.atomic
def end_sessions(*, user: User, but: str | None = None) -> int:
    """Sign the user out everywhere except in the session with the key `but`; return the number of sessions ended."""
    ended = _end_others(user, but)
    audit.record_event(AuditAction.ENDED_SESSIONS, actor=user, subject=user, detail=str(ended))
    return ended


@transaction.atomic
def password_changed(*, user: User, but: str | None = None) -> None:
    """Sign the user out of all other sessions and record that the password changed."""
    _end_others(user, but)
    audit.record_event(AuditAction.CHANGED_PASSWORD, actor=user, subject=user)


def _end_others(user: User, but: str | None) -> int:
    return Session.objects.filter(user=user).exclude(session_key=but or "").delete()[0]


def email_change_token(*, user: User, new: str) -> str:
    """Return the token that is sent to the new address.

    It is valid for a day, and until the password or the present address changes.
    """
    return signing.dumps([user.pk, user.email, new, user.get_session_auth_hash()], salt=SALT, compress=True)


def email_change_from_token(token: str) -> EmailChange | None:
    """Return the change of a valid token; None if it is forged, expired or used, or if the new address is taken."""
    try:
        pk, old, new, proof = signing.loads(token, salt=SALT, max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, email=old, is_active=True).first()
    if user is None or is_taken(new):
        return None
    # Of the present secret key and of those before it.
    proofs = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return EmailChange(user, new) if proof in proofs else None


def is_taken(email: str) -> bool:
    """Return whether an account has this address."""
    return User.objects.filter(email=email).exists()


def change_email(change: EmailChange) -> bool:
    """Change the address; return False if it was taken or the present one has changed in the meantime."""
    try:
        with transaction.atomic():
            rows = User.objects.filter(pk=change.user.pk, email=change.user.email)
            if rows.update(email=change.new) != 1:
                return False
            audit.record_event(AuditAction.CHANGED_ADDRESS, actor=change.user, subject=change.user)
            return True
    except IntegrityError:
        return False

"""What a person changes about herself."""

from dataclasses import dataclass

from django.core import signing
from django.db import IntegrityError, transaction

from generations.models import AuditAction, Session, User
from generations.services.site import audit

SALT = "generations.change-of-address"
LINK_SECONDS = 24 * 3600


@dataclass(frozen=True)
class EmailChange:
    user: User
    new: str


def rename(*, user: User, name: str) -> None:
    User.objects.filter(pk=user.pk).update(name=name)


@transaction.atomic
def end_sessions(*, user: User, but: str | None = None) -> int:
    """Signs the person out everywhere, but for the session of this key; how many sessions ended."""
    ended = _end_others(user, but)
    audit.record_event(AuditAction.ENDED_SESSIONS, actor=user, subject=user, detail=str(ended))
    return ended


@transaction.atomic
def password_changed(*, user: User, but: str | None = None) -> None:
    """What follows from it: nobody else stays signed in as this person."""
    _end_others(user, but)
    audit.record_event(AuditAction.CHANGED_PASSWORD, actor=user, subject=user)


def _end_others(user: User, but: str | None) -> int:
    return Session.objects.filter(user=user).exclude(session_key=but or "").delete()[0]


def email_change_token(*, user: User, new: str) -> str:
    """What the new address must bring back. It dies with the password and with the address it was asked from."""
    return signing.dumps([user.pk, user.email, new, user.get_session_auth_hash()], salt=SALT, compress=True)


def email_change_from_token(token: str) -> EmailChange | None:
    """None for a token that is not ours, is too old, or was used."""
    try:
        pk, old, new, proof = signing.loads(token, salt=SALT, max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, email=old, is_active=True).first()
    stands = user is not None and user.get_session_auth_hash() == proof and not is_taken(new)
    return EmailChange(user, new) if user is not None and stands else None


def is_taken(email: str) -> bool:
    return User.objects.filter(email=email).exists()


def change_email(change: EmailChange) -> bool:
    """False when somebody was faster with this address."""
    try:
        with transaction.atomic():
            rows = User.objects.filter(pk=change.user.pk, email=change.user.email)
            if rows.update(email=change.new) != 1:
                return False
            audit.record_event(AuditAction.CHANGED_ADDRESS, actor=change.user, subject=change.user)
            return True
    except IntegrityError:
        return False

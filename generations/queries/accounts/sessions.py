"""The user's active sessions."""

from django.utils import timezone

from generations.models import Session, User

MAX_LISTED = 50


def sessions_of(user: User) -> list[Session]:
    """Return the user's unexpired sessions without their data, the last used first, at most MAX_LISTED."""
    rows = Session.objects.filter(user=user, expire_date__gt=timezone.now()).defer("session_data")
    return list(rows.order_by("-seen_at")[:MAX_LISTED])


def find_active_user(user_id: int) -> User | None:
    """Return the user if their account is active, else None."""
    return User.objects.filter(pk=user_id, is_active=True).first()


def has_account(email: str) -> bool:
    """Return whether an account has this email."""
    return bool(email) and User.objects.filter(email=email).exists()

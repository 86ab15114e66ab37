"""Django's database sessions with a reference to their user, so that users see their sessions and end them."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as Store
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import InternalError, OperationalError, models
from django.db.models.functions import Now
from django.utils import timezone

LAST_SEEN_RESOLUTION = timedelta(minutes=5)
MAX_USER_AGENT_LENGTH = 300


class Session(AbstractBaseSession):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    # The browser's User-Agent at the time of signing in.
    agent = models.CharField(max_length=MAX_USER_AGENT_LENGTH, blank=True)
    seen_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"session of {self.user_id}"

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        return SessionStore


class SessionStore(Store):
    """The session store; settings.SESSION_ENGINE names this module, and Django expects this class name in it."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        self.row = super()._get_session_from_db()  # type: ignore[misc]  # the stubs leave it out
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]  # of the class named above
        row.user_id = data.get("_auth_user_id")
        row.agent = data.get("agent", "")
        row.seen_at = timezone.now()
        return row

    def save(self, must_create: bool = False) -> None:
        """Save the session. Raises the error of a database that is away or read-only as it is.

        Django takes that for a user who has signed out meanwhile.
        """
        try:
            super().save(must_create)
            return
        except UpdateError as error:
            failure = error.__context__
            if not isinstance(failure, OperationalError | InternalError):
                raise
        # Outside of the handler, so that it keeps its cause, which says what the database refused.
        raise failure

    def note_seen(self) -> None:
        """Record the last use, at most every few minutes, so that reading pages rarely writes."""
        if self.row is None or self.row.user_id is None or self.row.seen_at > timezone.now() - LAST_SEEN_RESOLUTION:
            return
        Session.objects.filter(session_key=self.session_key).update(seen_at=Now())

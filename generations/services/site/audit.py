"""The audit trail: what was changed is a row of its transaction and a line in the log; what was looked at, taken along
or refused is a line only, since anybody could fill a table with it.

A line is one JSON object, so nothing that somebody typed can begin another line.
"""

import json
import logging
from functools import partial

from django.contrib.auth.signals import user_login_failed
from django.db import models, transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from generations.models import AuditAction, AuditEvent, Team, User

logger = logging.getLogger(__name__)


def record_event(
    deed: AuditAction,
    *,
    actor: User | None,
    subject: models.Model | None = None,
    team: Team | None = None,
    detail: str = "",
) -> None:
    event = AuditEvent.objects.create(deed=deed, actor=actor, subject=_named(subject), team=team, detail=detail)
    # After the commit: what was rolled back did not happen.
    transaction.on_commit(
        partial(
            log_event, deed.value, event=str(event.id), actor=event.actor_id, team=event.team_id,
            subject=event.subject, detail=detail,
        )
    )  # fmt: skip


def log_event(what: str, **words: object) -> None:
    """A line without a row. What is empty is left out."""
    said = {name: value for name, value in words.items() if value not in (None, "")}
    logger.info(json.dumps({"audit": what, **said}))


def account_hash(email: str) -> str:
    """Tries at one account can be told to belong together, but not whose it is."""
    return salted_hmac("audit-account", email, algorithm="sha256").hexdigest()[:12]


@receiver(user_login_failed)
def _refused(sender: object, credentials: dict[str, object], request: HttpRequest | None, **kwargs: object) -> None:
    """Known or not is not looked up: it would take time that tells."""
    account = account_hash(str(credentials.get("username", "")).strip().lower())
    log_event("sign-in refused", account=account, waits=bool(getattr(request, "guess_wait", 0)))


def _named(subject: models.Model | None) -> str:
    return "" if subject is None else f"{subject._meta.verbose_name} {subject.pk}"

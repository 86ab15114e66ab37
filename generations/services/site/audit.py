"""Audit trail: changes are stored as AuditEvent rows and logged; reads, downloads and denials are only logged.

Denials are not stored, because anonymous requests could fill the table. A log line is one JSON object, so that user
text cannot begin a second line.
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
    action: AuditAction,
    *,
    actor: User | None,
    subject: models.Model | None = None,
    team: Team | None = None,
    detail: str = "",
) -> None:
    """Store an event in the current transaction, and log it after the commit."""
    event = AuditEvent.objects.create(action=action, actor=actor, subject=_named(subject), team=team, detail=detail)
    # After the commit, because an action that was rolled back did not happen.
    transaction.on_commit(
        partial(
            log_event, action.value, event=str(event.id), actor=event.actor_id, team=event.team_id,
            subject=event.subject, detail=detail,
        )
    )  # fmt: skip


def log_event(what: str, **words: object) -> None:
    """Write a log line without a row; empty values are left out."""
    said = {name: value for name, value in words.items() if value not in (None, "")}
    logger.info(json.dumps({"audit": what, **said}))


def account_hash(email: str) -> str:
    """Return a keyed hash of the email, which groups the tries at one account without naming it."""
    return salted_hmac("audit-account", email, algorithm="sha256").hexdigest()[:12]


@receiver(user_login_failed)
def _refused(sender: object, credentials: dict[str, object], request: HttpRequest | None, **kwargs: object) -> None:
    """Log a failed sign-in without looking the account up, because the response time would show whether it exists."""
    account = account_hash(str(credentials.get("username", "")).strip().lower())
    log_event("sign-in refused", account=account, waits=bool(getattr(request, "guess_wait", 0)))


def _named(subject: models.Model | None) -> str:
    return "" if subject is None else f"{subject._meta.verbose_name_raw} {subject.pk}"

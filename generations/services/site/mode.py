"""The site's mode (live, demo, emulator), and the consequences of a change: going live ends the demo.

Applied at each start of a web server, the sweeper and `manage.py run`; of several that start together only one acts.
"""

import logging

from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.models import AdminAlertThrottle, Mode, PauseCause, Session, SiteMode, User, UsualPrice
from generations.pipeline.circuit_breaker import pauses

logger = logging.getLogger(__name__)
# A manual pause and a full disk do not depend on the provider.
NOT_THE_PROVIDERS = [PauseCause.BY_HAND, PauseCause.DISK]


def current_mode() -> Mode:
    """Return the mode by the settings; demo mode needs the emulator and DJANGO_DEBUG."""
    if not conf().emulated:
        return Mode.LIVE
    return Mode.DEMO if conf().is_demo else Mode.EMULATOR


@transaction.atomic
def apply_mode() -> list[str]:
    """Bring the database in line with the settings; return what was done, as sentences, mostly none."""
    now, row = current_mode(), SiteMode.objects.filter(pk=1).first()
    before = Mode(row.mode) if row else None
    noted = now != before and _note(now, before)
    if now != Mode.DEMO:
        return _deactivate_demo_users()
    return _reactivate_demo_users() if noted and before else []


def apply_mode_at_start() -> None:
    """Apply the mode in a process that also serves without a database; the sweeper retries until it succeeds."""
    try:
        apply_mode()
    except DatabaseError as error:
        logger.error("whether the demo is over cannot be seen to now: %s", error)
    finally:
        connection.close()


def _note(now: Mode, before: Mode | None) -> bool:
    """Store the mode; return False if nothing is to be done.

    That is the case when it is stored already, or another process stored it and handles the consequences.
    """
    another = _is_another_provider(now, before)
    since = {"since": Now()} if another else {}
    if before is None:
        noted = SiteMode.objects.get_or_create(pk=1, defaults={"mode": now, **since})[1]
    else:
        noted = SiteMode.objects.filter(pk=1, mode=before).update(mode=now, **since) == 1
    if noted and another:
        _forget_the_other_provider()
    return noted


def _is_another_provider(now: Mode, before: Mode | None) -> bool:
    """Return whether the change of mode is also a change of provider; at the first start there is none before."""
    return before is not None and (now == Mode.LIVE) != (before == Mode.LIVE)


def _forget_the_other_provider() -> None:
    """Delete the former provider's usual prices and alerts, and end its pauses."""
    UsualPrice.objects.all().delete()
    AdminAlertThrottle.objects.all().delete()
    causes = [cause for cause in PauseCause if cause not in NOT_THE_PROVIDERS]
    pauses.end(_("The site was started with another provider."), cause__in=causes)


def _deactivate_demo_users() -> list[str]:
    people = User.objects.filter(demo=True, is_active=True)
    addresses = list(people.order_by("email").values_list("email", flat=True))
    if not addresses:
        return []
    people.update(is_active=False)
    Session.objects.filter(user__demo=True).delete()
    return _said(f"The demo has ended: {', '.join(addresses)} can no longer sign in. Their pictures are kept.")


def _reactivate_demo_users() -> list[str]:
    people = User.objects.filter(demo=True, is_active=False)
    addresses = list(people.order_by("email").values_list("email", flat=True))
    people.update(is_active=True)
    return _said(f"This site is a demo again: {', '.join(addresses)} can sign in.") if addresses else []


def _said(sentence: str) -> list[str]:
    transaction.on_commit(lambda: logger.warning("%s", sentence))
    return [sentence]

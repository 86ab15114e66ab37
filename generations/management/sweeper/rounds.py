"""One round of the sweeper: it settles what others left, and starts the jobs of the background lanes."""

import logging
import time
from functools import partial

from django.db import Error, close_old_connections

from generations import ledger, tasks
from generations.management.sweeper import jobs
from generations.management.sweeper.lanes import BackgroundLane
from generations.pipeline.recovery import recover, retention, thumbnails, trash
from generations.pipeline.worker.fulfil import configured_provider
from generations.services.site import mode, rate_limits
from generations.services.spending import price_alerts
from generations.storage import files

logger = logging.getLogger(__name__)
CLEAN_UP_SECONDS = 3600.0
LANES = ("answers", "pauses", "unknown outcomes", "emails", "reconciliation", "limits")


class Sweeper:
    def __init__(self) -> None:
        self.lanes = {name: BackgroundLane(name) for name in LANES}
        self._balance, self._emails, self._limits = jobs.BalanceReader(), jobs.HourlyEmails(), jobs.LimitMonitor()
        self._next_clean_up_at = 0.0
        self._mode_is_followed = False

    def round(self) -> None:
        """Run one round; when the database is away, the next one tries again.

        Recovery comes first, because it needs no broker and the broker may not answer.
        """
        close_old_connections()
        try:
            self._follow_mode_once()
            settled = recover.settle_expired()
            self._submit_jobs()
            enqueued = self._enqueue()
            purged = self._clean_up() if time.monotonic() >= self._next_clean_up_at else 0
        except (Error, OSError) as error:
            logger.error("this round of the sweeper failed, the next one tries again: %s", error)
            return
        if settled or enqueued or purged:
            logger.info("settled %d, enqueued %d, purged %d", settled, enqueued, purged)

    def finish(self) -> None:
        """Wait for the jobs that run."""
        for lane in self.lanes.values():
            lane.finish()

    def _follow_mode_once(self) -> None:
        """Do what the web server does when it starts; the database may be away when the sweeper starts."""
        if not self._mode_is_followed:
            mode.apply_mode()
            self._mode_is_followed = True

    def _submit_jobs(self) -> None:
        provider = configured_provider()
        self.lanes["answers"].submit(partial(jobs.store_answers, provider))
        self.lanes["pauses"].submit(partial(jobs.look_after_pauses, provider, self._balance))
        self.lanes["unknown outcomes"].submit(partial(jobs.settle_unknown_outcomes, provider))
        self.lanes["emails"].submit(self._emails.send)
        self.lanes["reconciliation"].submit(partial(jobs.reconcile_balance, provider))
        self.lanes["limits"].submit(self._limits.check)

    def _enqueue(self) -> int:
        """Enqueue generations that are due and that nobody enqueued, and thumbnails; return how many generations."""
        due = recover.due()
        enqueued = tasks.enqueue_now(due)
        recover.mark_enqueued(enqueued)
        # A broker that refused one of those would refuse these as well, after as long a wait.
        if len(enqueued) == len(due):
            thumbnails.mark_thumbnails_enqueued(tasks.enqueue_thumbnails(thumbnails.without_thumbnails()))
        return len(enqueued)

    def _clean_up(self) -> int:
        """Do what is due once an hour, and is due until all of it was done; return how many generations were purged."""
        files.sweep_parts()
        ledger.roll_up()
        price_alerts.check_prices()
        retention.delete_old_visits()
        retention.delete_old_prompts()
        retention.delete_old_notifications()
        rate_limits.delete_old_uses()
        retention.delete_expired_sessions()
        purged = trash.empty_trash()
        self._next_clean_up_at = time.monotonic() + CLEAN_UP_SECONDS
        return purged

"""Possible histories of a generation, each as what a worker, the sweeper and a user do to its row."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models.functions import Now

from generations import ledger
from generations.emulator import Emulator
from generations.models import Attempt, Generation, State
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.recovery import recover
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.pipeline.worker.store import accept
from generations.services.orders.submit import cancel
from generations.storage import spool


@dataclass
class Story:
    """One generation, and the emulator that serves it."""

    row: Generation
    emulator: Emulator

    def work(self, fault=None):
        _days_later()
        if fault:
            self.emulator.control.fault(fault)
        Generation.objects.filter(id=self.row.id, state=State.QUEUED).update(available_at=Now())
        fulfil(self.row.id)

    def sweep(self):
        Generation.objects.filter(state=State.RUNNING).update(lease_until=Now() - timedelta(seconds=1))
        recover.recover(configured_provider())

    def sent(self):
        _days_later()
        claimed = claim(self.row.id)
        assert mark_sent(claimed)
        return claimed

    def accept_a_second_charge(self):
        """Accept that an unknown attempt may be charged twice, as the site does for a user."""
        Generation.objects.filter(id=self.row.id, state=State.UNKNOWN).update(
            state=State.QUEUED, hold_count=2, finished_at=None
        )
        self.row.refresh_from_db()
        ledger.hold([self.row], actor=self.row.author)


def _days_later():
    """End the pauses, because as many faults in a minute as a test causes would stop everything."""
    pauses.end("told in another story")


def drawn(story):
    story.work()


def refused(story):
    story.work("422")


def out_of_tries(story):
    for _ in range(2):
        story.work("500")


def tried_again(story):
    story.work("500")
    story.work()


def waits_for_another_try(story):
    story.work("500")


def paid_and_no_picture(story):
    story.work("html")


def cancelled(story):
    assert cancel(actor=story.row.author, generation=story.row)


def cancelled_after_a_try(story):
    story.work("500")
    assert cancel(actor=story.row.author, generation=story.row)


def model_gone(story):
    Generation.objects.filter(id=story.row.id).update(model="gone")
    story.work()


def lost(story):
    story.sent()
    story.sweep()


def in_doubt(story):
    story.work("504")


def answered_late(story):
    claimed = story.sent()
    answer = configured_provider().call(claimed.request)
    story.sweep()
    assert Attempt.objects.get(id=claimed.attempt_id).state == "unknown"
    spool.write(claimed.attempt_id, answer)
    story.sweep()


def claimed_and_died(story):
    claim(story.row.id)
    story.sweep()


def lost_disk(story):
    claimed = story.sent()
    answer = configured_provider().call(claimed.request)
    spool.write(claimed.attempt_id, answer)
    story.emulator.control.fault("404", on="files")
    named = replace(answer, body=b'{"image": "%s/generations/never-was.png"}' % story.emulator.url.encode(),
                    content_type="application/json")  # fmt: skip
    accept(claimed.attempt_id, named, configured_provider())
    spool.remove(claimed.attempt_id)
    story.sweep()


def second_charge_accepted(story):
    story.work("504")
    story.accept_a_second_charge()


def second_try_cancelled(story):
    second_charge_accepted(story)
    assert cancel(actor=story.row.author, generation=story.row)


def second_try_cancelled_from_an_old_page(story):
    """Cancel from a page that was rendered before the first attempt."""
    as_it_was = Generation.objects.get(id=story.row.id)
    second_charge_accepted(story)
    assert cancel(actor=story.row.author, generation=as_it_was)


def second_try_drawn(story):
    second_charge_accepted(story)
    story.work()


def second_try_refused(story):
    second_charge_accepted(story)
    story.work("422")


def second_try_in_doubt_as_well(story):
    second_charge_accepted(story)
    story.work("504")


def second_try_drawn_and_the_first_answered_late(story):
    claimed = story.sent()
    answer = configured_provider().call(claimed.request)
    story.sweep()
    story.accept_a_second_charge()
    story.work()
    spool.write(claimed.attempt_id, answer)
    story.sweep()

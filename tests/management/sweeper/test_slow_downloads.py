"""After an outage: many pictures of version 2 to fetch, from a host that is silent."""

import time
from decimal import Decimal
from itertools import pairwise

import pytest

from generations.management.sweeper.rounds import Sweeper
from generations.models import Attempt, AttemptState, PauseCause
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider
from generations.pipeline.worker.outcomes import mark_unknown
from generations.providers import account
from tests.factories import order

pytestmark = pytest.mark.django_db(transaction=True)
DOUBTS = 12
DOWNLOAD = 1.5
WATCHED = 8.0


@pytest.fixture
def v2(settings):
    settings.SEGMIND_API_VERSION, settings.SEGMIND_TIMEOUT, settings.PROBE_SECONDS = "v2", 10, 0.2


@pytest.fixture
def silent_files(emulator, monkeypatch):
    monkeypatch.setattr(account, "DOWNLOAD_SECONDS", DOWNLOAD)
    emulator.control.fault("hang", times=10_000, on="files")
    return emulator.control


def lose(row):
    """Its worker died as soon as the request id was noted."""
    claimed = claim(row.id)
    mark_sent(claimed)
    note = Attempt.objects.filter(id=claimed.attempt_id)
    configured_provider().call(claimed.request, lambda request_id: note.update(request_id=request_id))  # type: ignore[arg-type]
    mark_unknown(row.id, claimed.attempt_id, "It may have been charged.")


def sweep(seconds):
    sweeper = Sweeper()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sweeper.round()
        time.sleep(0.1)
    sweeper.finish()


def test_host_that_does_not_answer_delays_neither_the_probes_nor_other_downloads(alice, team, v2, silent_files):
    for row in [order(alice, team)[0] for _ in range(DOUBTS)]:
        lose(row)
    pauses.pause(PauseCause.CREDITS, "No credits left.", needed=Decimal(1_000_000))
    began, seen = time.time(), len(silent_files.journal)

    sweep(WATCHED)

    probes = [one.at for one in silent_files.journal[seen:] if one.path == "/v1/get-user-credits"]
    gaps = [after - before for before, after in pairwise([began, *probes, began + WATCHED])]
    assert max(gaps) < 3, "one after the other, the downloads take 18 seconds"
    assert not Attempt.objects.exclude(state=AttemptState.ANSWERED).exists()

"""Small real runs, so that the harness keeps working."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.apps import SHORT
from tests.chaos.checks.heartbeat import silence
from tests.places import found

MINUTES = 5


@pytest.mark.nightly  # `.ci/run` makes two runs at each commit
@pytest.mark.faults
@pytest.mark.services
def test_small_run_keeps_every_promise():
    words = ["N=30", "SEEDS=1", "FAULTS=workers,upstream"]
    run = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *words], capture_output=True, text=True, timeout=MINUTES * 60, check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "make chaos DB=sqlite API=v1 N=30 SEEDS=1 FAULTS=workers,upstream" in run.stdout


def test_misread_word_ends_the_run_before_it_begins():
    run = subprocess.run([sys.executable, "-m", "tests.chaos", "N=-1"], capture_output=True, text=True, check=False)

    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("N is '-1'")


@pytest.mark.parametrize("place", SHORT)
def test_wait_that_is_shortened_exists_in_the_site(place):
    """Without it a renamed constant would silently be long again."""
    assert found(place)

    with pytest.raises(AttributeError):
        found(place + "_of_old")


def test_silence_is_the_longest_of_any_worker(tmp_path):
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    taken = "2026-11-22 12:00:{:02},500 INFO celery.worker.strategy [-] Task generations.generate[1] received\n"
    (tmp_path / "worker-1.log").write_text(taken.format(2) + taken.format(9) + "Task ended\n")
    (tmp_path / "worker-2.log").write_text("".join(taken.format(second) for second in range(11)))

    assert silence(tmp_path, (noon, noon + timedelta(seconds=11))) == 7

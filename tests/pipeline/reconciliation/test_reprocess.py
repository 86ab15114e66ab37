"""Rejected answers that were paid for and kept: sent through the image gate again, at no cost."""

import uuid
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from generations.models import Attempt, AttemptState, Generation, Image, State
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider
from generations.pipeline.worker.store import accept
from generations.storage import files, spool
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PAGE = b"<html>sign in</html>"


@pytest.fixture
def rejected(alice, team, emulator, watched):
    """Return the id of an attempt that received a web page instead of a picture, and the real answer."""
    (generation,) = order(alice, team)
    claimed = claim(generation.id)
    mark_sent(claimed)
    answer = configured_provider().call(claimed.request)
    spool.write(claimed.attempt_id, replace(answer, body=PAGE))
    accept(claimed.attempt_id, replace(answer, body=PAGE), configured_provider())
    assert states() == (State.FAILED, AttemptState.REJECTED)
    return claimed.attempt_id, answer


def mend(attempt_id, answer):
    """Replace the kept answer by a picture, as if the cause had been fixed."""
    spool.take_back(attempt_id)
    spool.write(attempt_id, answer)
    spool.set_aside(attempt_id)


def states():
    return Generation.objects.get().state, Attempt.objects.get().state


def readmitted(*arguments):
    said, complained = StringIO(), StringIO()
    call_command("readmit", *map(str, arguments), stdout=said, stderr=complained)
    return said.getvalue(), complained.getvalue()


@pytest.mark.parametrize("every", [True, False])
def test_kept_answer_becomes_its_picture_and_costs_nothing_more(rejected, emulator, every):
    attempt_id, answer = rejected
    mend(attempt_id, answer)
    cost, calls = Generation.objects.get().cost, len(emulator.control.journal)

    said, _ = readmitted("--all" if every else attempt_id)

    assert states() == (State.DONE, AttemptState.STORED)
    assert (Generation.objects.get().cost, Generation.objects.get().reason) == (cost, "")
    assert files.read(Image.objects.get().path) == answer.body
    assert len(emulator.control.journal) == calls
    assert said.endswith("1 of 1 are pictures now.\n")
    assert (spool.kept_aside(), list(spool.waiting())) == ([], [])


def test_what_still_holds_no_picture_is_kept_as_before(rejected):
    attempt_id, _ = rejected
    reason = Generation.objects.get().reason

    said, _ = readmitted("--all")

    assert states() == (State.FAILED, AttemptState.REJECTED)
    assert (Generation.objects.get().reason, spool.kept_aside()) == (reason, [attempt_id])
    assert said.endswith("0 of 1 are pictures now.\n")


def test_answer_whose_picture_another_try_has_brought_stays_aside(rejected):
    attempt_id, answer = rejected
    mend(attempt_id, answer)
    Generation.objects.update(state=State.DONE)

    _, complaint = readmitted(attempt_id)

    assert complaint == f"The picture for attempt {attempt_id} is “done”; another attempt replaced this one.\n"
    assert (Attempt.objects.get().state, spool.kept_aside()) == (AttemptState.REJECTED, [attempt_id])


def test_attempt_of_which_nothing_is_kept_is_named(db):
    unknown = uuid.uuid4()

    assert readmitted(unknown)[1] == f"Attempt {unknown} has no saved response.\n"


@pytest.mark.parametrize("arguments", [[], ["--all", str(uuid.UUID(int=1))]])
def test_either_attempts_or_all(arguments):
    with pytest.raises(CommandError, match="Name attempts, or say --all"):
        call_command("readmit", *arguments)

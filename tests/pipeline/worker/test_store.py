"""From an answer in the spool to a picture: every step may run twice, and takes effect once."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from generations import schema
from generations.imaging import inspect
from generations.models import Attempt, AttemptState, Generation, Image, State, Thumbnail
from generations.pipeline.charges import record_charge
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.downloads import FILE_EXPIRY
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.pipeline.worker.store import accept, image_name, price_of
from generations.providers.base import Answer
from generations.storage import files, spool
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def paid(alice, team, emulator, watched):
    """Return an attempt that was sent, and its answer, which is in the spool and not yet in the ledger."""
    (generation,) = order(alice, team)
    claimed = claim(generation.id)
    assert mark_sent(claimed)
    answer = configured_provider().call(claimed.request)
    spool.write(claimed.attempt_id, answer)
    return claimed.attempt_id, answer


def test_picture_moves_along_the_graph(alice, team, emulator, watched):
    (generation,) = order(alice, team)

    fulfil(generation.id)

    generations, attempts = watched
    assert generations == [("queued", "running"), ("running", "done")]
    assert attempts == [("reserved", "sent"), ("sent", "answered"), ("answered", "stored")]


def test_answer_accepted_twice_is_one_picture_paid_once(paid):
    attempt_id, answer = paid

    accept(attempt_id, answer, configured_provider())
    accept(attempt_id, answer, configured_provider())

    assert (Image.objects.count(), Thumbnail.objects.count()) == (1, 3)
    assert Generation.objects.get().cost == Attempt.objects.get().cost == answer.cost
    assert list(spool.waiting()) == []


def test_stored_bytes_are_those_of_the_answer(paid):
    attempt_id, answer = paid

    accept(attempt_id, answer, configured_provider())

    assert files.read(Image.objects.get().path) == answer.body


def test_original_left_by_a_dead_worker_is_written_again(paid, data_dir):
    attempt_id, answer = paid
    path = image_name(attempt_id, inspect(answer.body).format)
    files.save(path, b"left by a worker that died before its rows were committed")

    accept(attempt_id, answer, configured_provider())

    assert Image.objects.get().path == path
    assert files.read(path) == answer.body
    assert list(data_dir.rglob("*.part")) == []


def test_answer_to_a_doubt_takes_the_doubt_away(paid):
    attempt_id, answer = paid
    Attempt.objects.update(state=AttemptState.UNKNOWN, reason="It may have been charged.")
    Generation.objects.update(state=State.UNKNOWN, reason="It may have been charged.", lease=None, lease_until=None)

    accept(attempt_id, answer, configured_provider())

    assert Generation.objects.values_list("state", "reason").get() == (State.DONE, "")
    assert Attempt.objects.values_list("state", "reason").get() == (AttemptState.STORED, "")


def test_answer_without_a_picture_is_kept_aside_and_stays_paid(paid, data_dir):
    attempt_id, answer = paid
    page = replace(answer, body=b"<html>sign in</html>", content_type="text/html")

    accept(attempt_id, page, configured_provider())
    accept(attempt_id, page, configured_provider())

    assert Generation.objects.values_list("state", "cost").get() == (State.FAILED, answer.cost)
    assert Attempt.objects.get().state == AttemptState.REJECTED
    assert [path.name for path in (data_dir / "rejected").iterdir()] == [f"{attempt_id}.answer"]


def test_file_that_cannot_be_downloaded_yet_stays_in_the_spool(paid, emulator):
    attempt_id, answer = paid
    address = f"{emulator.url}/generations/never-was.png"
    later = replace(answer, body=f'{{"image": "{address}"}}'.encode(), content_type="application/json")
    spool.write(attempt_id, later)

    accept(attempt_id, later, configured_provider())

    assert Generation.objects.values_list("state", "cost").get() == (State.RUNNING, answer.cost)
    assert Attempt.objects.get().state == AttemptState.ANSWERED
    assert list(spool.waiting()) == [attempt_id]


def test_file_that_cannot_be_downloaded_before_it_expires_is_given_up(paid, emulator, data_dir):
    attempt_id, answer = paid
    address = f"{emulator.url}/generations/never-was.png"
    named = replace(answer, body=f'{{"image": "{address}"}}'.encode(), content_type="application/json")
    spool.write(attempt_id, named)
    accept(attempt_id, named, configured_provider())
    Attempt.objects.update(answered_at=Now() - FILE_EXPIRY, next_download_at=Now())

    accept(attempt_id, named, configured_provider())

    assert Generation.objects.values_list("state", "cost").get() == (State.FAILED, answer.cost)
    assert Generation.objects.get().reason.startswith("Paid, not delivered. The file couldn't be downloaded (404).")
    assert (data_dir / "rejected" / f"{attempt_id}.answer").exists()
    assert list(spool.waiting()) == []


def test_cost_of_a_generation_is_the_sum_over_its_attempts(paid):
    attempt_id, answer = paid
    generation = Generation.objects.get()
    earlier = Attempt.objects.create(
        generation=generation, number=9, state="rejected", estimate=1, sent_at=timezone.now()
    )
    record_charge(earlier, Decimal("0.0101"), estimated=False)

    accept(attempt_id, replace(answer, cost=Decimal("0.0202")), configured_provider())

    assert Generation.objects.get().cost == Decimal("0.0303")


@pytest.mark.parametrize(
    ("cost", "seconds", "price"),
    [
        (Decimal("0.0152"), Decimal("9.1"), (Decimal("0.0152"), False)),
        (Decimal(0), Decimal("9.1"), (Decimal(0), False)),
        (None, Decimal("9.1"), (Decimal("0.01365"), True)),
    ],
)
def test_price_is_the_providers_or_an_estimate(cost, seconds, price):
    assert price_of(said(cost, seconds), Decimal("0.0015"), Decimal("0.02")) == price


@pytest.mark.parametrize(("seconds", "rate"), [(None, Decimal("0.0015")), (Decimal("9.1"), None), (None, None)])
def test_price_of_an_answer_that_says_too_little_is_the_list_price(seconds, rate):
    assert price_of(said(None, seconds), rate, Decimal("0.02")) == (Decimal("0.02"), True)


def test_picture_is_stored_although_its_model_was_removed_meanwhile(paid):
    attempt_id, answer = paid
    Generation.objects.update(model="gone")

    accept(attempt_id, replace(answer, cost=None), configured_provider())

    assert Generation.objects.values_list("state", "cost").get() == (State.DONE, schema.get().list_price)
    assert Attempt.objects.get().cost_estimated


def said(cost, seconds):
    return Answer(b"", "image/png", cost, None, "", seconds, None)

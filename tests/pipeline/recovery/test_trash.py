"""The trash is emptied after thirty days, with files, and without losing a cost."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from generations import ledger
from generations.models import (
    Attempt,
    EntryType,
    Generation,
    Image,
    LedgerEntry,
    Report,
    ReportReason,
    State,
    Thumbnail,
)
from generations.pipeline.recovery import trash
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.pipeline.worker.outcomes import mark_unknown
from generations.pipeline.worker.store import accept
from generations.services.generations.thumbnails import get_preview
from generations.services.sharing.reports import report_as_member
from generations.storage import files
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_trash_keeps_a_picture_for_thirty_days(picture):
    deleted(picture, days=29)

    assert trash.empty_trash() == 0
    assert files.read(Image.objects.get().path)


def test_trash_is_emptied_after_thirty_days(picture, data_dir):
    paths = [picture.image.path, *picture.image.thumbnails.values_list("path", flat=True), get_preview(picture.image)]
    deleted(picture, days=30)

    assert trash.empty_trash() == 1

    assert [path for path in paths if (data_dir / path).exists()] == []
    assert (Image.objects.count(), Thumbnail.objects.count()) == (0, 0)
    left = Generation.objects.get()
    assert (left.prompt, left.parameters) == ("", {})
    assert left.purged_at
    assert trash.empty_trash() == 0


def test_words_of_a_report_go_with_the_picture(picture, alice):
    report_as_member(actor=alice, generation=picture, reason=ReportReason.RIGHTS, note="it says two boats")
    deleted(picture, days=31)

    trash.empty_trash()

    assert Report.objects.get().note == ""


def test_cost_outlives_the_picture(picture):
    cost = picture.cost
    deleted(picture, days=31)

    trash.empty_trash()

    assert (Generation.objects.get().cost, Attempt.objects.get().cost) == (cost, cost)


def test_restored_picture_is_not_purged(picture):
    deleted(picture, days=31)
    Generation.objects.update(deleted_at=None)

    assert trash.empty_trash() == 0


def test_failed_order_is_purged_although_it_has_no_files(alice, team, emulator):
    (generation,) = order(alice, team)
    deleted(generation, days=31)

    assert trash.empty_trash() == 1


@pytest.mark.parametrize("state", [State.CANCELLED, State.UNKNOWN, State.FAILED])
def test_deleted_order_is_purged_whatever_became_of_it(alice, team, state):
    (generation,) = order(alice, team)
    Generation.objects.update(state=state)
    deleted(generation, days=31)

    assert trash.empty_trash() == 1
    assert Generation.objects.values_list("prompt", "files_gone").get() == ("", True)


def test_doubt_in_the_trash_is_booked_before_its_page_goes(alice, team, emulator):
    (generation,) = order(alice, team)
    emulator.control.fault("drop")
    fulfil(generation.id)
    deleted(generation, days=31)

    assert trash.empty_trash() == 1

    generation.refresh_from_db()
    assert (generation.state, generation.cost_estimated) == (State.FAILED, True)
    assert (ledger.held(team), ledger.spent(team, generation.created_at)) == (0, generation.cost)
    assert LedgerEntry.objects.get(kind=EntryType.CHARGE).note == "permanently deleted while its outcome was unknown"


def test_doubt_whose_second_try_is_on_its_way_is_not_purged(alice, team, emulator):
    (generation,) = order(alice, team)
    emulator.control.fault("drop")
    fulfil(generation.id)
    deleted(generation, days=31)
    Generation.objects.update(state=State.QUEUED)

    assert trash.empty_trash() == 0
    assert ledger.held(team) > 0


def test_trash_is_emptied_to_the_last_row(alice, team):
    (pattern,) = order(alice, team)
    fields = {f.attname: getattr(pattern, f.attname) for f in Generation._meta.concrete_fields if f.attname != "id"}
    old = timezone.now() - timedelta(days=31)
    Generation.objects.bulk_create(Generation(**{**fields, "deleted_at": old}) for _ in range(250))

    assert trash.empty_trash() == 250
    assert not Generation.objects.get(id=pattern.id).purged_at


def test_answer_that_was_kept_aside_goes_with_its_order(alice, team, emulator, data_dir):
    (generation,) = order(alice, team)
    emulator.control.fault("html")
    fulfil(generation.id)
    kept = data_dir / "rejected" / f"{Attempt.objects.get().id}.answer"
    assert kept.exists()
    deleted(generation, days=31)

    trash.empty_trash()

    assert not kept.exists()


def test_file_that_cannot_be_deleted_now_is_tried_again(picture, data_dir, caplog):
    """A folder stands in the original's place, which no unlink removes."""
    path = data_dir / picture.image.path
    path.unlink()
    path.mkdir()
    deleted(picture, days=31)

    assert trash.empty_trash() == 1
    assert "are still there" in caplog.text
    assert Image.objects.count() == 1
    path.rmdir()
    path.write_bytes(b"bytes")

    assert trash.empty_trash() == 0
    assert not path.exists()
    assert (Image.objects.count(), Generation.objects.get().files_gone) == (0, True)


def test_picture_that_comes_after_the_purge_goes_as_well(alice, team, emulator, data_dir):
    (generation,) = order(alice, team)
    claimed = claim(generation.id)
    assert mark_sent(claimed)
    provider = configured_provider()
    answer = provider.call(claimed.request)
    mark_unknown(generation.id, claimed.attempt_id, "It may have been charged.")
    deleted(generation, days=31)
    trash.empty_trash()
    accept(claimed.attempt_id, answer, provider)

    trash.empty_trash()

    assert Image.objects.count() == 0
    assert [path for path in data_dir.rglob("*") if path.is_file()] == []


def deleted(generation, *, days):
    Generation.objects.filter(id=generation.id).update(deleted_at=Now() - timedelta(days=days))

"""Thumbnails that are missing, and pictures that were deleted long ago."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from generations import ledger
from generations.imaging import WIDTHS
from generations.models import (
    TRASH_DAYS,
    ApprovalRequest,
    Attempt,
    EntryType,
    Generation,
    Image,
    LedgerEntry,
    State,
    Thumbnail,
)
from generations.pipeline.recovery import housekeeping
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.pipeline.worker.outcomes import mark_unknown
from generations.pipeline.worker.store import accept
from generations.services.generations.thumbnails import get_thumbnail
from generations.storage import files
from tests.factories import draw, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team)


def test_picture_with_all_its_thumbnails_needs_none(picture):
    assert housekeeping.without_thumbnails() == []


def test_missing_thumbnails_are_found_and_made_again(picture):
    lose(picture, Thumbnail.objects.filter(nominal=640))
    found = housekeeping.without_thumbnails()

    assert housekeeping.make_thumbnails(picture.id)

    assert found == [picture.id]
    assert housekeeping.without_thumbnails() == []
    made = list(Thumbnail.objects.order_by("nominal").values_list("nominal", "size", "path"))
    assert [nominal for nominal, _, _ in made] == list(WIDTHS)
    assert all(len(files.read(path)) == size for _, size, path in made)
    assert Image.objects.get().placeholder.startswith("data:image/webp;base64,")


def test_picture_that_was_rung_for_is_not_rung_for_again_within_a_minute(picture):
    lose(picture, Thumbnail.objects.all())
    housekeeping.mark_thumbnails_enqueued(housekeeping.without_thumbnails())
    just_rung = housekeeping.without_thumbnails()
    Image.objects.update(thumbnails_enqueued_at=Now() - housekeeping.REDELIVER_AFTER)

    assert (just_rung, housekeeping.without_thumbnails()) == ([], [picture.id])


def test_thumbnails_that_are_all_there_are_not_made_again(picture, data_dir):
    written = {path: path.stat().st_mtime_ns for path in (data_dir / "thumbnails").rglob("*.webp")}

    assert all(housekeeping.make_thumbnails(picture.id) for _ in range(3))

    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert Image.objects.get().thumbnail_tries == 0


@pytest.mark.parametrize("damage", [None, b"", b"RIFF"])
def test_thumbnails_whose_files_are_gone_or_cut_are_written_again(picture, damage):
    sizes = dict(Thumbnail.objects.values_list("path", "size"))
    for path in sizes:
        files.delete(path) if damage is None else files.save(path, damage)

    assert housekeeping.make_thumbnails(picture.id)

    assert {path: len(files.read(path)) for path in sizes} == sizes


def test_thumbnail_of_another_width_than_today_goes(picture):
    Thumbnail.objects.filter(nominal=640).update(nominal=500)

    assert housekeeping.make_thumbnails(picture.id)

    assert set(Thumbnail.objects.values_list("nominal", flat=True)) == set(WIDTHS)


def test_thumbnails_of_an_order_without_a_picture_are_not_made(alice, team):
    (generation,) = order(alice, team)

    assert not housekeeping.make_thumbnails(generation.id)


def test_whole_thumbnail_is_given_as_it_is(picture):
    assert get_thumbnail(picture.image, 640) == Thumbnail.objects.get(nominal=640)


@pytest.mark.parametrize("damage", [None, b"", b"RIFF", "row"])
def test_broken_thumbnail_is_made_again_before_it_is_given(picture, damage):
    row = Thumbnail.objects.get(nominal=640)
    if damage == "row":
        row.delete()
    elif damage is None:
        files.delete(row.path)
    else:
        files.save(row.path, damage)

    found = get_thumbnail(picture.image, 640)

    assert (found.nominal, len(files.read(found.path))) == (640, found.size)


@pytest.mark.parametrize("path", [None, "spool/one.answer", "../outside.png"])
def test_thumbnail_that_cannot_be_made_is_none_and_left_to_the_sweeper(picture, path):
    files.delete(picture.image.path)
    Thumbnail.objects.all().delete()
    Image.objects.update(**({"path": path} if path else {}))

    assert [get_thumbnail(picture.image, 640) for _ in range(5)] == [None] * 5
    assert Image.objects.values_list("thumbnails_made", "thumbnail_tries").get() == (False, housekeeping.MAX_TRIES)


def test_thumbnails_of_a_picture_that_is_purged_meanwhile_leave_nothing(picture, data_dir):
    lose(picture, Thumbnail.objects.all())

    def purge_before(execute, sql, params, many, context):
        if sql.startswith('UPDATE "generations_image" SET "placeholder"'):
            Image.objects.all().delete()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(purge_before):
        assert not housekeeping.make_thumbnails(picture.id)

    assert list((data_dir / "thumbnails").rglob("*.webp")) == []


@pytest.mark.parametrize("damage", [b"", b"no picture at all", None])
def test_unreadable_original_is_given_up_after_three_tries(picture, damage):
    path = Image.objects.get().path
    files.delete(path) if damage is None else files.save(path, damage)
    lose(picture, Thumbnail.objects.all())

    tries = 0
    while housekeeping.without_thumbnails():
        assert not housekeeping.make_thumbnails(picture.id)
        tries += 1

    assert tries == housekeeping.MAX_TRIES
    assert Generation.objects.get().state == State.DONE


def test_broken_picture_does_not_keep_another_from_its_thumbnails(alice, team, emulator):
    broken, sound = draw(alice, team), draw(alice, team)
    files.save(broken.image.path, b"broken")
    for picture in (broken, sound):
        lose(picture, Thumbnail.objects.filter(image=picture.image))

    made = {row: housekeeping.make_thumbnails(row) for row in housekeeping.without_thumbnails()}

    assert made == {broken.id: False, sound.id: True}
    assert set(Thumbnail.objects.values_list("image__generation_id", flat=True)) == {sound.id}


def test_trash_keeps_a_picture_for_thirty_days(picture):
    deleted(picture, days=29)

    assert housekeeping.empty_trash() == 0
    assert files.read(Image.objects.get().path)


def test_trash_is_emptied_after_thirty_days(picture, data_dir):
    paths = [picture.image.path, *picture.image.thumbnails.values_list("path", flat=True)]
    deleted(picture, days=30)

    assert housekeeping.empty_trash() == 1

    assert [path for path in paths if (data_dir / path).exists()] == []
    assert (Image.objects.count(), Thumbnail.objects.count()) == (0, 0)
    left = Generation.objects.get()
    assert (left.prompt, left.parameters) == ("", {})
    assert left.purged_at
    assert housekeeping.empty_trash() == 0


def test_cost_outlives_the_picture(picture):
    cost = picture.cost
    deleted(picture, days=31)

    housekeeping.empty_trash()

    assert (Generation.objects.get().cost, Attempt.objects.get().cost) == (cost, cost)


def test_restored_picture_is_not_purged(picture):
    deleted(picture, days=31)
    Generation.objects.update(deleted_at=None)

    assert housekeeping.empty_trash() == 0


def test_failed_order_is_purged_although_it_has_no_files(alice, team, emulator):
    (generation,) = order(alice, team)
    deleted(generation, days=31)

    assert housekeeping.empty_trash() == 1


@pytest.mark.parametrize("state", [State.CANCELLED, State.UNKNOWN, State.FAILED])
def test_deleted_order_is_purged_whatever_became_of_it(alice, team, state):
    (generation,) = order(alice, team)
    Generation.objects.update(state=state)
    deleted(generation, days=31)

    assert housekeeping.empty_trash() == 1
    assert Generation.objects.values_list("prompt", "files_gone").get() == ("", True)


def test_doubt_in_the_trash_is_booked_before_its_page_goes(alice, team, emulator):
    (generation,) = order(alice, team)
    emulator.control.fault("drop")
    fulfil(generation.id)
    deleted(generation, days=31)

    assert housekeeping.empty_trash() == 1

    generation.refresh_from_db()
    assert (generation.state, generation.cost_estimated) == (State.FAILED, True)
    assert (ledger.held(team), ledger.spent(team, generation.created_at)) == (0, generation.cost)
    assert LedgerEntry.objects.get(kind=EntryType.CHARGE).note == "deleted for good while in doubt"


def test_doubt_whose_second_try_is_on_its_way_is_not_purged(alice, team, emulator):
    (generation,) = order(alice, team)
    emulator.control.fault("drop")
    fulfil(generation.id)
    deleted(generation, days=31)
    Generation.objects.update(state=State.QUEUED)

    assert housekeeping.empty_trash() == 0
    assert ledger.held(team) > 0


def test_trash_is_emptied_to_the_last_row(alice, team):
    (pattern,) = order(alice, team)
    fields = {f.attname: getattr(pattern, f.attname) for f in Generation._meta.concrete_fields if f.attname != "id"}
    old = timezone.now() - timedelta(days=31)
    Generation.objects.bulk_create(Generation(**{**fields, "deleted_at": old}) for _ in range(250))

    assert housekeeping.empty_trash() == 250
    assert not Generation.objects.get(id=pattern.id).purged_at


def test_answer_that_was_kept_aside_goes_with_its_order(alice, team, emulator, data_dir):
    (generation,) = order(alice, team)
    emulator.control.fault("html")
    fulfil(generation.id)
    kept = data_dir / "rejected" / f"{Attempt.objects.get().id}.answer"
    assert kept.exists()
    deleted(generation, days=31)

    housekeeping.empty_trash()

    assert not kept.exists()


def test_file_that_cannot_be_deleted_now_is_tried_again(picture, data_dir, caplog):
    """A folder stands in the original's place, which no unlink removes."""
    path = data_dir / picture.image.path
    path.unlink()
    path.mkdir()
    deleted(picture, days=31)

    assert housekeeping.empty_trash() == 1
    assert "are still there" in caplog.text
    assert Image.objects.count() == 1
    path.rmdir()
    path.write_bytes(b"bytes")

    assert housekeeping.empty_trash() == 0
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
    housekeeping.empty_trash()
    accept(claimed.attempt_id, answer, provider)

    housekeeping.empty_trash()

    assert Image.objects.count() == 0
    assert [path for path in data_dir.rglob("*") if path.is_file()] == []


def lose(picture, thumbnails):
    thumbnails.delete()
    Image.objects.filter(generation=picture).update(thumbnails_made=False)


def deleted(generation, *, days):
    Generation.objects.filter(id=generation.id).update(deleted_at=Now() - timedelta(days=days))


def test_words_of_a_request_go_with_its_last_picture(alice, team):
    long_ago = timezone.now() - timedelta(days=TRASH_DAYS, minutes=1)
    asked = {"team": team, "requested_by": alice, "model": "hidream-l1-fast", "estimate": 1, "visibility": "private"}
    cells = [{"prompt": "a secret"}] * 2
    refused, approved, recent = (
        ApprovalRequest.objects.create(cells=cells, state=state, decided_at=when, **asked)
        for state, when in (("refused", long_ago), ("approved", long_ago), ("refused", timezone.now()))
    )
    (row,) = order(alice, team)
    Generation.objects.filter(id=row.id).update(batch=approved.batch)

    assert housekeeping.forget_requests() == 1
    Generation.objects.filter(id=row.id).update(purged_at=timezone.now())
    assert [housekeeping.forget_requests(), housekeeping.forget_requests()] == [1, 0]

    kept = {one.pk: one.cells for one in ApprovalRequest.objects.all()}
    assert kept == {refused.pk: [{}, {}], approved.pk: [{}, {}], recent.pk: cells}

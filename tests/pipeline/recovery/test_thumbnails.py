"""Thumbnails that are missing, incomplete or broken are made again."""

import pytest
from django.db import connection
from django.db.models.functions import Now

from generations.imaging import WIDTHS
from generations.models import (
    Generation,
    Image,
    State,
    Thumbnail,
)
from generations.pipeline.recovery import thumbnails
from generations.services.generations.thumbnails import get_thumbnail
from generations.storage import files
from tests.factories import draw, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_picture_with_all_its_thumbnails_needs_none(picture):
    assert thumbnails.without_thumbnails() == []


def test_missing_thumbnails_are_found_and_made_again(picture):
    lose(picture, Thumbnail.objects.filter(nominal=640))
    found = thumbnails.without_thumbnails()

    assert thumbnails.make_thumbnails(picture.id)

    assert found == [picture.id]
    assert thumbnails.without_thumbnails() == []
    made = list(Thumbnail.objects.order_by("nominal").values_list("nominal", "size", "path"))
    assert [nominal for nominal, _, _ in made] == list(WIDTHS)
    assert all(len(files.read(path)) == size for _, size, path in made)
    assert Image.objects.get().placeholder.startswith("data:image/webp;base64,")


def test_picture_that_was_rung_for_is_not_rung_for_again_within_a_minute(picture):
    lose(picture, Thumbnail.objects.all())
    thumbnails.mark_thumbnails_enqueued(thumbnails.without_thumbnails())
    just_rung = thumbnails.without_thumbnails()
    Image.objects.update(thumbnails_enqueued_at=Now() - thumbnails.REDELIVER_AFTER)

    assert (just_rung, thumbnails.without_thumbnails()) == ([], [picture.id])


def test_thumbnails_that_are_all_there_are_not_made_again(picture, data_dir):
    written = {path: path.stat().st_mtime_ns for path in (data_dir / "thumbnails").rglob("*.webp")}

    assert all(thumbnails.make_thumbnails(picture.id) for _ in range(3))

    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert Image.objects.get().thumbnail_tries == 0


@pytest.mark.parametrize("damage", [None, b"", b"RIFF"])
def test_thumbnails_whose_files_are_gone_or_cut_are_written_again(picture, damage):
    sizes = dict(Thumbnail.objects.values_list("path", "size"))
    for path in sizes:
        files.delete(path) if damage is None else files.save(path, damage)

    assert thumbnails.make_thumbnails(picture.id)

    assert {path: len(files.read(path)) for path in sizes} == sizes


def test_thumbnail_of_another_width_than_today_goes(picture):
    Thumbnail.objects.filter(nominal=640).update(nominal=500)

    assert thumbnails.make_thumbnails(picture.id)

    assert set(Thumbnail.objects.values_list("nominal", flat=True)) == set(WIDTHS)


def test_thumbnails_of_an_order_without_a_picture_are_not_made(alice, team):
    (generation,) = order(alice, team)

    assert not thumbnails.make_thumbnails(generation.id)


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
    assert Image.objects.values_list("thumbnails_made", "thumbnail_tries").get() == (False, thumbnails.MAX_TRIES)


def test_thumbnails_of_a_picture_that_is_purged_meanwhile_leave_nothing(picture, data_dir):
    lose(picture, Thumbnail.objects.all())

    def purge_before(execute, sql, params, many, context):
        if sql.startswith('UPDATE "generations_image" SET "placeholder"'):
            Image.objects.all().delete()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(purge_before):
        assert not thumbnails.make_thumbnails(picture.id)

    assert list((data_dir / "thumbnails").rglob("*.webp")) == []


@pytest.mark.parametrize("damage", [b"", b"no picture at all", None])
def test_unreadable_original_is_given_up_after_three_tries(picture, damage):
    path = Image.objects.get().path
    files.delete(path) if damage is None else files.save(path, damage)
    lose(picture, Thumbnail.objects.all())

    tries = 0
    while thumbnails.without_thumbnails():
        assert not thumbnails.make_thumbnails(picture.id)
        tries += 1

    assert tries == thumbnails.MAX_TRIES
    assert Generation.objects.get().state == State.DONE


def test_broken_picture_does_not_keep_another_from_its_thumbnails(alice, team, emulator):
    broken, sound = draw(alice, team), draw(alice, team)
    files.save(broken.image.path, b"broken")
    for picture in (broken, sound):
        lose(picture, Thumbnail.objects.filter(image=picture.image))

    made = {row: thumbnails.make_thumbnails(row) for row in thumbnails.without_thumbnails()}

    assert made == {broken.id: False, sound.id: True}
    assert set(Thumbnail.objects.values_list("image__generation_id", flat=True)) == {sound.id}


def lose(picture, rows):
    rows.delete()
    Image.objects.filter(generation=picture).update(thumbnails_made=False)

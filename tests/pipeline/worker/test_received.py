"""What was paid for and is usable with a little work: kept byte for byte, served as one clean picture."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from generations.imaging import inspect
from generations.models import TRASH_DAYS, Attempt, AttemptState, Generation, Image, State
from generations.pipeline.recovery import trash
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider
from generations.pipeline.worker.store import accept
from generations.services.generations.thumbnails import get_thumbnail
from generations.storage import files, spool
from tests.factories import draw, order
from tests.imaging.pictures import drawing, picture_file

pytestmark = pytest.mark.django_db
FRAMES = {"save_all": True, "append_images": [drawing(64, 48, seed=2)]}
PAYLOAD = b"PK\x03\x04<script>alert(1)</script>"
UNCLEAN = {
    "bytes behind a png": (picture_file("png") + PAYLOAD, "png", "png"),
    "bytes behind a jpeg": (picture_file("jpeg") + PAYLOAD, "jpeg", "jpeg"),
    "bytes behind a webp": (picture_file("webp") + PAYLOAD, "webp", "webp"),
    "animated png": (picture_file("png", **FRAMES) + PAYLOAD, "png", "png"),
    "animated webp": (picture_file("webp", **FRAMES) + PAYLOAD, "webp", "png"),
    "animated avif": (picture_file("avif", **FRAMES) + PAYLOAD, "avif", "png"),
    "avif": (picture_file("avif"), "avif", "png"),
}
unclean = pytest.mark.parametrize(("data", "received", "served"), UNCLEAN.values(), ids=UNCLEAN)


@pytest.fixture
def paid(alice, team, emulator, watched):
    (generation,) = order(alice, team)
    claimed = claim(generation.id)
    assert mark_sent(claimed)
    answer = configured_provider().call(claimed.request)
    spool.write(claimed.attempt_id, answer)
    return claimed.attempt_id, answer


def take(paid, data):
    attempt_id, answer = paid
    answer = replace(answer, body=data)
    spool.write(attempt_id, answer)
    accept(attempt_id, answer, configured_provider())


@unclean
def test_what_came_is_kept_and_a_clean_picture_is_served(paid, data_dir, data, received, served):
    take(paid, data)

    image = Image.objects.get()
    assert (Generation.objects.get().state, Attempt.objects.get().state) == (State.DONE, AttemptState.STORED)
    assert (data_dir / image.received_path).read_bytes() == data
    assert image.received_path == f"received/{paid[0].hex[-2:]}/{paid[0]}.{received}"
    assert (image.format, image.path.rpartition(".")[2], image.content_type) == (served, served, f"image/{served}")
    stored = files.read(image.path)
    assert (image.size, image.sha256) == (len(stored), inspect(stored).sha256)
    assert (inspect(stored).changed, PAYLOAD in stored) == ("", False)
    assert image.received_note == inspect(data).changed != ""


@pytest.mark.parametrize(("version", "route"), [("v1", "v1"), ("v2", "files")])
@pytest.mark.parametrize(
    ("fault", "options", "received"),
    [
        ("animated", {"format": "webp"}, "webp"),
        ("animated", {"format": "png"}, "png"),
        ("animated", {"format": "avif"}, "avif"),
        ("other-format", {"format": "avif"}, "avif"),
        ("trailing", {"text": PAYLOAD.decode()}, "webp"),
    ],
)
def test_worker_takes_what_the_provider_sends(
    version, route, fault, options, received, alice, team, emulator, settings, data_dir
):
    settings.SEGMIND_API_VERSION = version
    emulator.control.fault(fault, on=route, **options)

    row = draw(alice, team, output_format="webp")

    kept = (data_dir / row.image.received_path).read_bytes()
    assert inspect(kept).received == received
    assert inspect(kept).changed == row.image.received_note
    assert PAYLOAD not in files.read(row.image.path)
    assert row.cost > 0


def test_clean_picture_is_kept_once(paid, data_dir):
    attempt_id, answer = paid

    accept(attempt_id, answer, configured_provider())

    image = Image.objects.get()
    assert (image.received_path, image.received_sha256, image.received_note) == ("", "", "")
    assert not (data_dir / "received").exists()


def test_answer_accepted_twice_is_one_picture(paid, data_dir):
    data = UNCLEAN["animated webp"][0]

    take(paid, data)
    take(paid, data)

    assert Image.objects.count() == 1
    assert len([one for one in (data_dir / "received").rglob("*") if one.is_file()]) == 1


def test_thumbnails_are_made_again_from_what_is_served(paid):
    take(paid, UNCLEAN["animated avif"][0])
    image = Image.objects.get()
    files.delete(image.received_path)
    image.thumbnails.all().delete()

    assert get_thumbnail(image, 320) is not None


def test_no_name_leads_from_an_address_to_what_came(paid):
    take(paid, UNCLEAN["bytes behind a png"][0])

    with pytest.raises(ValueError, match="leads out of the folders"):
        files.path_of(Image.objects.get().received_path)


def test_what_came_goes_with_its_picture(paid, data_dir):
    take(paid, UNCLEAN["avif"][0])
    Generation.objects.update(deleted_at=timezone.now() - timedelta(days=TRASH_DAYS + 1))

    trash.empty_trash()

    left = [one for folder in ("received", "originals", "thumbnails") for one in (data_dir / folder).rglob("*.*")]
    assert (left, Image.objects.count()) == ([], 0)


@unclean
def test_answer_that_was_rejected_before_becomes_its_picture(paid, data_dir, data, received, served):
    """As an older release left it: paid, failed, and its answer kept aside."""
    attempt_id, answer = paid
    take(paid, b"<html>sign in</html>")
    assert Generation.objects.get().state == State.FAILED
    spool.remove_rejected(attempt_id)
    spool.write(attempt_id, replace(answer, body=data))
    spool.set_aside(attempt_id)
    cost, said = Generation.objects.get().cost, StringIO()

    call_command("readmit", "--all", stdout=said)

    image = Image.objects.get()
    assert (Generation.objects.get().state, Generation.objects.get().cost) == (State.DONE, cost)
    assert (data_dir / image.received_path).read_bytes() == data
    assert said.getvalue().endswith("1 of 1 are pictures now.\n")
    assert spool.kept_aside() == []


def test_gif_stays_refused(paid):
    attempt_id, _ = paid
    take(paid, picture_file("gif"))

    said = StringIO()
    call_command("readmit", "--all", stdout=said)

    assert (Generation.objects.get().state, spool.kept_aside()) == (State.FAILED, [attempt_id])
    assert said.getvalue().endswith("0 of 1 are pictures now.\n")

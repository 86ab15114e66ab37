"""A ZIP of pictures: what is in it, how its files are called, and that it is never held as a whole."""

import hashlib
import io
import json
import tracemalloc
import unicodedata
import uuid
import zipfile
from pathlib import PurePosixPath

import pytest

from generations.imaging import marked, traces
from generations.models import Generation, Membership, Visibility
from generations.queries.provenance.provenance import download_mark
from generations.services.gallery import tags
from generations.services.generations.archives import fewest_digits, file_name, zip_archive
from generations.storage import files
from tests.factories import draw, make_person, order
from tests.imaging.pictures import chunk, picture_file, with_chunks
from tests.views.downloads import rows_of

pytestmark = pytest.mark.django_db
EVIL = [
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/absolute", "C:\\x", "a\r\nContent-Length: 0", "nul\0byte",
    "con", "...", "   ", "\u202egpj.exe", "a/b/c", "emoji 🍋", "x" * 2000, "=cmd|' /C calc'!A0", "%2e%2e%2f", "~root",
    "-rf", ".hidden", "ﬁle", "名前",
]  # fmt: skip


def opened(actor, rows):
    return zipfile.ZipFile(io.BytesIO(b"".join(zip_archive(actor=actor, ids=[row.id for row in rows]))))


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team, prompt="two boats, one sea")


def test_holds_a_marked_copy_and_what_is_known_of_it(picture, alice, team):
    tags.add(actor=alice, team=team, words=["sea", "boats"], generations=[picture])

    with opened(alice, [picture]) as found:
        assert found.testzip() is None
        size = f"{picture.image.width}x{picture.image.height}"
        name = f"{picture.created_at:%Y-%m-%d} two boats one sea {picture.id.hex[-8:]} {size}.{picture.image.format}"
        assert found.namelist() == [name, "metadata.json", "metadata.csv"]
        copy, original = found.read(name), files.read(picture.image.path)
        assert copy == marked(original, picture.image.format, download_mark(picture)) != original
        assert picture.image.sha256 in traces(copy).before
        assert hashlib.sha256(original).hexdigest() == picture.image.sha256
        (record,) = json.loads(found.read("metadata.json"))
        (line,) = rows_of(found.read("metadata.csv"))
    assert (record["file"], record["prompt"], record["made_by"]) == (name, "two boats, one sea", "Alice")
    assert (record["tags"], record["parameters"]["prompt"]) == (["boats", "sea"], "two boats, one sea")
    assert (record["cost_usd"], line["cost_usd"]) == (str(picture.cost), str(picture.cost))
    assert (line["tags"], line["seed"]) == ("boats, sea", str(picture.seed))


@pytest.mark.parametrize("prompt", EVIL, ids=range(len(EVIL)))
def test_name_is_safe_whatever_the_prompt_says(picture, prompt):
    picture.prompt = prompt
    name = file_name(picture, 8)

    assert PurePosixPath(name).parts == (name,)
    assert not [one for one in name if one.isascii() and not one.isalnum() and one not in " -_."]
    assert {unicodedata.category(one)[0] for one in name} <= set("LMNPSZ")
    assert name.count(".") == 1
    assert len(name.encode()) <= 143


def test_names_differ_on_every_disk(alice, team, emulator):
    """One prompt as different systems write it; a disk may take both cases, or both forms of an accent, for one."""
    rows = [draw(alice, team, prompt=prompt) for prompt in ("Ca\u0301t", "C\u00e1t", "CÁT", "cát", "cát")]

    with opened(alice, rows) as found:
        names = found.namelist()

    assert len({unicodedata.normalize("NFD", name).casefold() for name in names}) == len(rows) + 2


def test_sizes_of_one_seed_stand_in_the_names(alice, team, emulator):
    rows = [draw(alice, team, seed="7", resolution=size) for size in ("1024 × 1024 (Square)", "1360 × 768 (Landscape)")]

    with opened(alice, rows) as found:
        names = found.namelist()

    assert [name.split()[-1] for name in names[:2]] == ["128x128.webp", "170x96.webp"]


def test_ids_that_end_alike_get_longer_names():
    ids = [uuid.UUID(int=1), uuid.UUID(int=1 + (1 << 32)), uuid.UUID(int=1 + (1 << 48))]

    assert [fewest_digits(ids[:1]), fewest_digits(ids[:2]), fewest_digits(ids)] == [8, 12, 16]


def test_file_that_is_missing_on_the_disk_does_not_cost_the_others(picture, alice, team):
    lost = draw(alice, team)
    files.delete(lost.image.path)

    with opened(alice, [picture, lost]) as found:
        assert len(found.namelist()) == 3
        assert [record["file"] is None for record in json.loads(found.read("metadata.json"))] == [False, True]


def test_file_that_is_damaged_does_not_cost_the_others(picture, alice, team):
    damaged = draw(alice, team)
    files.save(damaged.image.path, bytes(damaged.image.size))

    with opened(alice, [damaged, picture]) as found:
        assert len(found.namelist()) == 3
        assert [record["file"] is None for record in json.loads(found.read("metadata.json"))] == [True, False]


def test_words_are_in_the_files_only_when_the_team_says_so(picture, alice, team):
    def packets():
        with opened(alice, [picture]) as found:
            return found.read(found.namelist()[0]).split(b"<x:xmpmeta")[1].split(b"</x:xmpmeta")[0]

    assert b"two boats" not in packets()
    type(team).objects.filter(pk=team.pk).update(prompt_in_shared_copies=True)
    assert b"two boats" not in packets()
    type(team).objects.filter(pk=team.pk).update(prompt_in_downloads=True)
    assert b"two boats, one sea" in packets()


def test_what_may_not_be_seen_is_not_in_it(picture, bob, charlie, team):
    (unfinished,) = order(bob, team)
    Generation.objects.filter(id=picture.id).update(visibility=Visibility.PRIVATE)

    for person in (make_person("Mia", team), bob, charlie):
        with opened(person, [picture, unfinished]) as found:
            assert found.namelist() == ["metadata.json", "metadata.csv"]
            assert json.loads(found.read("metadata.json")) == []


def test_who_is_removed_while_it_runs_gets_no_more(picture, bob, team, monkeypatch):
    monkeypatch.setattr("generations.services.generations.archives.BATCH_SIZE", 1)
    other = draw(bob, team)
    stream = zip_archive(actor=bob, ids=[picture.id, other.id])
    first = next(stream)
    Membership.objects.filter(user=bob).delete()

    with zipfile.ZipFile(io.BytesIO(first + b"".join(stream))) as found:
        assert len(found.namelist()) == 3


def test_memory_does_not_grow_with_the_pictures(picture, alice, team):
    big = with_chunks(picture_file("png"), chunk(b"fiLl", b"\0" * 20_000_000))
    files.save(picture.image.path, big)
    type(picture.image).objects.update(size=len(big), format="png")

    tracemalloc.start()
    sent = sum(len(part) for part in zip_archive(actor=alice, ids=[picture.id]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sent > len(big)
    assert peak < 4_000_000

"""A planted key is found in every kind of place, and a place without content does not pass."""

import base64
import email.message
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from urllib.parse import quote

import pytest

from tests.eventually import eventually
from tests.infrastructure.postgres import postgres
from tests.infrastructure.valkey import valkey
from tests.secret_scan import sources
from tests.secret_scan.place import BLOCK, PREFIX, Place, fresh_key, kept, write
from tests.secret_scan.table import sentences, table

KEY = fresh_key()
BARE = KEY.removeprefix(PREFIX)
SPELLED = {
    "whole": KEY,
    "bare": BARE,
    "upper case": KEY.upper(),
    "quoted": quote(f"a={KEY}&b"),
    "percents": "".join(f"%{letter:x}" for letter in KEY.encode()),
    "hexadecimal": KEY.encode().hex(),
    **{f"base64 after {n}": base64.b64encode(f"{'x' * n}{KEY}z".encode()).decode() for n in range(4)},
}


@pytest.fixture
def place():
    return Place("here", "things", KEY)


def test_fresh_key_has_the_form_of_the_vendors():
    assert re.fullmatch(r"SG_[0-9a-f]{16}", KEY)
    assert fresh_key() != KEY


@pytest.mark.parametrize("name", SPELLED)
def test_every_spelling_is_found(place, name):
    place.look("a page", f"before{SPELLED[name]}after".encode())

    assert place.hits == ["a page"]


def test_other_keys_and_pieces_are_not_found(place):
    place.look("a page", fresh_key().encode(), KEY[:12].encode(), BARE[1:].encode())

    assert (place.searched, place.hits, place.passed) == (1, [], True)


def test_file_is_read_over_the_edge_of_a_block(place, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "log").write_text("x" * (BLOCK - 5) + KEY)
    (tmp_path / "other").write_text("SG_secret")
    sources.files(place, [tmp_path])

    assert (place.searched, place.hits) == (2, [str(tmp_path / "folder" / "log")])


def test_name_of_a_file_counts_and_is_not_repeated(place, tmp_path):
    (tmp_path / KEY).touch()
    sources.files(place, [tmp_path])

    assert place.hits == [str(tmp_path / "SG_[key]")]


def test_mail_is_found_in_its_encoding(place, tmp_path):
    mail = email.message.EmailMessage()
    mail.set_content(f"Ä {KEY[:9]}={KEY[9:]}", cte="quoted-printable")
    mail.add_attachment(f"Ä{KEY}".encode(), maintype="application", subtype="octet-stream")
    (tmp_path / "1.eml").write_bytes(bytes(mail))
    (tmp_path / "2.eml").write_text("Subject: nothing\n\nnothing\n")
    sources.mails(place, tmp_path)

    assert (place.searched, place.hits) == (2, ["1.eml"])


def test_sqlite_is_searched_as_text(place, tmp_path):
    with closing(sqlite3.connect(tmp_path / "base.sqlite3")) as database:
        database.execute("CREATE TABLE words (word text)")
        database.execute("INSERT INTO words VALUES (?)", ["x" * 9000 + KEY])
        database.commit()
    sources.sqlite(place, tmp_path / "base.sqlite3")

    assert len(place.hits) == 1


@pytest.mark.services
def test_postgres_is_searched_as_text(place):
    with postgres() as server:
        with server.connect("gallery") as connection:
            connection.execute("CREATE TABLE words (word text)")
            connection.execute("INSERT INTO words VALUES (%s)", ["x" * 90_000 + KEY])
        sources.postgres(place, server)

    assert len(place.hits) == 1


@pytest.mark.services
def test_broker_is_searched_by_names_and_values(place):
    with valkey() as server, server.client() as client:
        client.rpush("queue", f"{'a' * 200}{KEY}")
        client.set(f"name {KEY}", "a")
        client.set("innocent", "a")
        sources.broker(place, client)

    assert (place.searched, sorted(place.hits)) == (3, ["redis key name SG_[key]", "redis key queue"])


def test_command_line_is_found_and_the_environment_is_not_looked_at(place):
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        sources.CommandLines(place),
        subprocess.Popen(command, env={"KEY": KEY}) as innocent,
        subprocess.Popen([*command, KEY]) as guilty,
    ):
        eventually(lambda: place.hits)
        innocent.kill()
        guilty.kill()

    assert all(hit.startswith(f"command line of {guilty.pid}: ") for hit in place.hits)
    assert place.searched >= 2


def test_places_come_back_from_another_process_without_the_key(place, tmp_path):
    place.look(f"page {KEY}", KEY.encode())
    write(tmp_path / "secret-scan.json", [place])

    assert KEY not in (tmp_path / "secret-scan.json").read_text()
    assert kept(tmp_path / "secret-scan.json", KEY) == [place]
    assert kept(tmp_path / "missing.json", KEY) == []


def test_table_marks_hits_and_places_with_nothing_in_them(place):
    clean, empty = Place("clean", "pages", KEY), Place("empty", "mails", KEY)
    place.look(f"GET /?{KEY}", KEY.encode())
    clean.look("GET /", b"nothing")
    said = table([place, clean, empty]).splitlines()

    assert [line.endswith("!!") for line in said[2:]] == [True, False, True]
    assert [one.passed for one in (place, clean, empty)] == [False, True, False]
    assert sentences([place, clean, empty]) == [
        "here: the key stands in GET /?SG_[key]",
        "empty: there was nothing to search, so this says nothing.",
    ]

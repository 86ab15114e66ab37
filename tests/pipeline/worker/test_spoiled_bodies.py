"""Every kind of spoiled body: in the first answer of both versions, and in the file that an answer leads to.

For each, one table gives the outcome, what the user reads, how often the file is requested, and the ledger's entries.
All of them are charged. A cut result of version 2 can be requested again at no cost: test_outcomes_v2.py.
"""

import errno
import gzip
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Now

from generations import ledger
from generations.models import (
    MAX_DOWNLOADS,
    AttemptState,
    EntryType,
    Generation,
    LedgerEntry,
    PauseCause,
    Rejection,
    State,
)
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.reconciliation.lookup import resolve_unknown_attempts
from generations.pipeline.recovery import recover
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.services.generations import unknown_outcome
from generations.storage import spool
from tests.factories import order
from tests.imaging.pictures import picture_file, png
from tests.pipeline.reconciliation.unknown_attempts import doubt, holds, row
from tests.pipeline.reconciliation.unknown_attempts import vendor as history
from tests.providers.loopback.hostile import Hostile, answer, drip_after, error_body, hang_after, raw, reset_after
from tests.providers.loopback.routes import as_json
from tests.providers.loopback.v2 import DRAWN, ID, vendor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("watched")]
COST = Decimal("0.0152127097")
PRICED = {"X-Cost": str(COST), "X-Request-Id": "r1"}
GOOD = picture_file("png")
CAP = 1024 * 1024
DEADLINE, LONG = 1.5, 30.0

# Bodies that arrive whole and are no usable picture: (bytes, what the user reads).
WHOLE = {
    "html": (b"<!doctype html><title>Sign in</title>", "The response is an HTML page, not a"),
    "json": (error_body("no"), "The response is a JSON document, not a"),
    "text": (b"upstream request timeout", "The response is text, not a"),
    "empty": (b"", "The response is empty, not a"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "The response is an SVG drawing, not a"),
    "gif": (picture_file("gif"), "The response is a GIF picture, not a"),
    "cut at the provider": (GOOD[:-40], "The PNG file "),
    "bomb": (png(30_000, 30_000, body=zlib.compress(bytes(1_000_000))), ""),
}
# The first answer is inspected before it is decoded as a picture, so its sentence may be another one.
NO_PICTURE = "The provider's response isn't a PNG, JPEG, WebP or AVIF picture."
IN_FIRST_ANSWER = {
    "html": "The provider returned a web page instead of a picture.",
    "json": "The provider's response contains no picture.",
    "empty": "The provider returned an empty response.",
    "text": NO_PICTURE, "svg": NO_PICTURE, "gif": NO_PICTURE,
}  # fmt: skip

HEAD = b"HTTP/1.1 200 OK\r\nX-Cost: 0.0152127097\r\nX-Request-Id: r1\r\n"
LENGTH = HEAD + b"Content-Length: %d\r\n\r\n" % len(GOOD)
PACKED = gzip.compress(GOOD)
# Bodies that do not arrive whole: (behaviour of the server, reason).
INTERRUPTED = {
    "cut": (raw(LENGTH + GOOD[:-9]), "the response was cut short"),
    "reset": (reset_after(LENGTH + GOOD[:9]), "the connection was reset"),
    "hangs": (hang_after(LENGTH + GOOD[:9]), f"the deadline of {DEADLINE:g} s passed"),
    "drips": (drip_after(LENGTH + GOOD[:9], drops=b"x"), f"the deadline of {DEADLINE:g} s passed"),
    "packed": (
        raw(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED),
        "the response has the unrequested encoding gzip",
    ),
}
TOO_LARGE = raw(HEAD + b"Content-Length: %d\r\n\r\n" % (CAP + 1))
WHY_TOO_LARGE = f"the response has {CAP + 1:,} bytes; the maximum is {CAP:,}"
# Answers of a file's host while the file may still come.
NOT_YET = {
    **{str(status): (answer(status, error_body("no")), str(status)) for status in (403, 404, 429, 500, 502, 503)},
    **INTERRUPTED,
}


@dataclass
class Case:
    """One generation after its call; `files` is the server of its file, where it has one."""

    generation: Generation
    files: Hostile

    @property
    def attempt(self):
        return self.generation.attempts.get()

    @property
    def downloads(self):
        return len(self.files.requests)

    def sweep(self, *, due: bool = False):
        if due:
            self.generation.attempts.update(next_download_at=Now())
        recover.recover(configured_provider())
        self.generation.refresh_from_db()


@pytest.fixture(autouse=True)
def small(settings, monkeypatch):
    settings.SEGMIND_TIMEOUT = LONG
    settings.EMULATED = True
    monkeypatch.setattr("generations.providers.segmind.PICTURE_CAP", CAP)
    monkeypatch.setattr("generations.providers.account.PICTURE_CAP", CAP)


@pytest.fixture
def deadline(settings, monkeypatch):
    """Return a function that sets a short deadline where nothing else ends the call, and a long one otherwise.

    A crowded machine may need seconds for everything else.
    """

    def deadline(why=""):
        seconds = DEADLINE if "deadline" in why else LONG
        settings.SEGMIND_TIMEOUT = seconds
        monkeypatch.setattr("generations.providers.account.DOWNLOAD_SECONDS", seconds)

    return deadline


@pytest.fixture
def ordered(alice, team, settings):
    """Return a context manager that generates a picture from this server."""

    @contextmanager
    def ordered(server, version, files=None):
        settings.SEGMIND_BASE_URL, settings.SEGMIND_API_VERSION = server.url, version
        (generation,) = order(alice, team)
        fulfil(generation.id)
        generation.refresh_from_db()
        yield Case(generation, files or server)

    return ordered


@pytest.fixture
def first_answer(ordered):
    """Return a context manager for a generation whose paid call of version 1 gets this answer."""

    @contextmanager
    def first_answer(behaviour):
        with Hostile(behaviour) as server, ordered(server, "v1") as case:
            yield case

    return first_answer


@pytest.fixture
def result_file(ordered, monkeypatch):
    """Return a context manager for a completed job of version 2 with this file; `why` is why its download fails."""

    @contextmanager
    def result_file(behaviour, output=None, why=""):
        if "deadline" in why:
            monkeypatch.setattr("generations.providers.account.DOWNLOAD_SECONDS", DEADLINE)
        with Hostile(behaviour) as files:
            report = completed(f"{files.url}/a.png" if output is None else output)
            with vendor(result=report) as server, ordered(server, "v2", files) as case:
                yield case

    return result_file


def completed(output):
    """Return the provider's report on a job whose file is ready."""
    return as_json({**DRAWN, "output": output, "images": [{"url": output}]})


def is_charged_exactly(case):
    charges = LedgerEntry.objects.filter(kind=EntryType.CHARGE)
    assert [-entry.amount for entry in charges] == [COST]
    assert (case.generation.cost, case.attempt.cost, case.attempt.cost_estimated) == (COST, COST, False)
    assert holds(case.generation) == set()
    assert ledger.held(ledger.LedgerScope(case.generation.team)) == 0


def is_final(case, rejection, words):
    assert (case.generation.state, case.attempt.state) == (State.FAILED, AttemptState.REJECTED)
    assert case.attempt.rejection == rejection
    assert words in case.generation.reason
    assert "It said" not in case.generation.reason
    is_charged_exactly(case)


@pytest.mark.parametrize(("name", "body", "words"), [(name, *row) for name, row in WHOLE.items()], ids=WHOLE)
def test_whole_body_of_the_first_answer_that_is_no_picture_is_final(name, body, words, first_answer, data_dir):
    said = IN_FIRST_ANSWER.get(name, words)
    with first_answer(answer(200, body, PRICED)) as case:
        case.sweep()

        is_final(case, Rejection.UNUSABLE, f"Paid, not delivered. {said}")
        assert case.downloads == 1, "the paid call alone"
        assert (data_dir / "rejected" / f"{case.attempt.id}.answer").read_bytes().endswith(body)


@pytest.mark.parametrize(("body", "words"), WHOLE.values(), ids=WHOLE)
def test_whole_file_that_is_no_picture_is_final_and_kept(body, words, result_file, data_dir):
    with result_file(answer(200, body)) as case:
        case.sweep(due=True)

        is_final(case, Rejection.UNUSABLE, f"Paid, not delivered. {words}")
        assert case.downloads == 1
        assert (data_dir / "rejected" / f"{case.attempt.id}.answer").read_bytes().endswith(body)


@pytest.mark.parametrize(("behaviour", "why"), [*INTERRUPTED.values(), (TOO_LARGE, WHY_TOO_LARGE)],
                         ids=[*INTERRUPTED, "too large"])  # fmt: skip
def test_first_answer_whose_body_is_lost_is_charged_by_its_headers(behaviour, why, first_answer, deadline):
    deadline(why)
    with first_answer(behaviour) as case:
        case.sweep()

        is_final(case, Rejection.LOST_IN_TRANSIT, f"Paid, lost in transit: {why}. ")
        assert (case.attempt.request_id, case.attempt.http_status) == ("r1", 200)
        assert case.downloads == 1, "the paid call alone"


def test_file_that_is_too_large_is_not_asked_for_again(result_file):
    with result_file(TOO_LARGE) as case:
        case.sweep(due=True)

        is_final(case, Rejection.UNUSABLE, f"Paid, not delivered. The file is too large: {WHY_TOO_LARGE}.")
        assert case.downloads == 1


def test_file_that_the_provider_has_deleted_is_not_asked_for_again(result_file):
    with result_file(answer(410, b"")) as case:
        case.sweep(due=True)

        is_final(case, Rejection.UNUSABLE, "Paid, not delivered. The provider no longer has the file.")
        assert case.downloads == 1


@pytest.mark.parametrize(("behaviour", "why"), NOT_YET.values(), ids=NOT_YET)
def test_file_that_may_still_come_is_downloaded_again_when_it_is_due(behaviour, why, result_file, deadline):
    with result_file(behaviour, why=why) as case:
        deadline()
        for _ in range(3):
            case.sweep()
        early = case.downloads
        case.files.behaviour = answer(200, GOOD)
        case.sweep(due=True)

        assert early == 1, "three rounds of the sweeper ask for nothing"
        assert case.downloads == 2
        assert (case.generation.state, case.attempt.state) == (State.DONE, AttemptState.STORED)
        is_charged_exactly(case)


@pytest.mark.parametrize(("behaviour", "why"), NOT_YET.values(), ids=NOT_YET)
def test_file_that_may_still_come_says_why_and_when(behaviour, why, result_file):
    with result_file(behaviour, why=why) as case:
        assert (case.generation.state, case.attempt.state) == (State.RUNNING, AttemptState.ANSWERED)
        assert case.attempt.download_error == f"The file couldn't be downloaded ({why})."
        assert case.attempt.next_download_at is not None
        is_charged_exactly(case)


def test_file_that_never_comes_is_asked_for_twelve_times_with_growing_pauses(result_file, data_dir):
    with result_file(answer(502, b"")) as case:
        pauses_between = []
        while case.attempt.state == AttemptState.ANSWERED:
            before = case.attempt
            pauses_between.append((before.next_download_at - before.answered_at).total_seconds())
            case.sweep(due=True)
        case.sweep(due=True)

        assert case.downloads == MAX_DOWNLOADS == 12
        assert pauses_between == sorted(pauses_between)
        assert pauses_between[-1] >= 2.0 ** (MAX_DOWNLOADS - 3) * pauses_between[0]
        is_final(case, Rejection.NOT_DOWNLOADED, "Paid, not delivered. The file couldn't be downloaded (502).")
        assert (data_dir / "rejected" / f"{case.attempt.id}.answer").exists()


def test_process_that_dies_in_the_last_download_leaves_no_order_behind(result_file):
    with result_file(answer(502, b"")) as case:
        case.generation.attempts.update(download_count=MAX_DOWNLOADS)
        case.sweep(due=True)

        assert case.downloads == 1
        is_final(case, Rejection.NOT_DOWNLOADED, "The file couldn't be downloaded (502).")


def test_file_on_a_host_that_is_not_listed_is_not_asked_for(result_file):
    with result_file(answer(200, GOOD), output="https://cdn.example.test/a.png") as case:
        case.sweep(due=True)

        assert (case.generation.state, case.attempt.state) == (State.RUNNING, AttemptState.ANSWERED)
        assert (case.downloads, case.attempt.download_count) == (0, 0)
        assert case.attempt.download_error == (
            "The file is on cdn.example.test, a host this site doesn't download from. "
            "Ask a site admin to add it to SEGMIND_FILE_HOSTS."
        )
        is_charged_exactly(case)


@pytest.mark.parametrize("output", ["", "a poem", "ftp://images.segmind.com/a.webp", "https://127.1/a.png"])
def test_report_that_leads_to_no_file_is_final(output, result_file):
    with result_file(answer(200, GOOD), output=output) as case:
        case.sweep(due=True)

        is_final(case, Rejection.UNUSABLE, "Paid, not delivered. The provider")
        assert case.downloads == 0


@pytest.mark.parametrize("kind", ["html", "502", "elsewhere"])
def test_third_picture_that_is_not_delivered_stops_further_orders(kind, alice, team, settings):
    behaviour = answer(200, WHOLE["html"][0]) if kind == "html" else answer(502, b"")
    with Hostile(behaviour) as files:
        output = "https://cdn.example.test/a.png" if kind == "elsewhere" else f"{files.url}/a.png"
        with vendor(result=completed(output)) as server:
            settings.SEGMIND_BASE_URL, settings.SEGMIND_API_VERSION = server.url, "v2"
            for generation in order(alice, team, count=8):
                fulfil(generation.id)

            paid = [asked for asked in server.asked if asked.startswith("POST")]

    assert len(paid) == 3
    assert [one.cause for one in pauses.open_pauses()] == [PauseCause.UNUSABLE]


def test_file_that_comes_at_last_lets_orders_go_on(alice, team, settings):
    with Hostile(answer(502, b"")) as files, vendor(result=completed(f"{files.url}/a.png")) as server:
        settings.SEGMIND_BASE_URL, settings.SEGMIND_API_VERSION = server.url, "v2"
        rows = order(alice, team, count=3)
        for generation in rows:
            fulfil(generation.id)
        paused = [one.cause for one in pauses.open_pauses()]
        files.behaviour = answer(200, GOOD)
        rows[0].attempts.update(next_download_at=Now())

        recover.recover(configured_provider())

    assert (paused, pauses.open_pauses()) == ([PauseCause.UNUSABLE], [])


def test_old_file_that_comes_does_not_end_a_pause_for_files_that_are_none(alice, team, settings):
    """The older request was delayed once; new requests are still charged without a usable picture."""
    with Hostile(answer(404, b"")) as files, vendor(result=completed(f"{files.url}/a.png")) as server:
        settings.SEGMIND_BASE_URL, settings.SEGMIND_API_VERSION = server.url, "v2"
        rows = order(alice, team, count=4)
        fulfil(rows[0].id)
        files.behaviour = answer(200, WHOLE["html"][0])
        for generation in rows[1:]:
            fulfil(generation.id)
        files.behaviour = answer(200, GOOD)
        rows[0].attempts.update(next_download_at=Now())

        recover.recover(configured_provider())

    rows[0].refresh_from_db()
    assert (rows[0].state, [one.cause for one in pauses.open_pauses()]) == (State.DONE, [PauseCause.UNUSABLE])


def test_full_disk_uses_up_no_download(result_file, monkeypatch):
    """The file is available each time; only this site has no room for it."""
    with result_file(answer(502, b"")) as case:
        case.files.behaviour = answer(200, GOOD)
        with monkeypatch.context() as full:
            full.setattr("generations.storage.files.write_whole", no_room)
            for _ in range(MAX_DOWNLOADS + 3):
                case.sweep(due=True)
        refused = case.attempt
        case.sweep(due=True)

        assert (refused.state, refused.download_count) == (AttemptState.ANSWERED, 1)
        assert refused.download_error == "The file couldn't be written to this site's disk."
        assert case.generation.state == State.DONE
        is_charged_exactly(case)


def no_room(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def late(alice, team, settings):
    """Return a context manager for a job of version 2 whose worker died; its file is found by polling again."""

    @contextmanager
    def late(behaviour, output=None):
        with Hostile(behaviour) as files:
            report = completed(f"{files.url}/a.png" if output is None else output)
            with vendor(result=report) as server:
                settings.SEGMIND_BASE_URL, settings.SEGMIND_API_VERSION = server.url, "v2"
                attempt = doubt(alice, team, age=timedelta(minutes=1), request_id=ID)
                said = unknown_outcome.look_up_now(generation=attempt.generation)
                attempt.generation.refresh_from_db()
                yield Case(attempt.generation, files), said

    return late


def test_late_answer_whose_file_may_still_come_is_no_doubt_any_more(late):
    with late(answer(502, b"")) as (case, said):
        assert (case.generation.state, case.attempt.state) == (State.RUNNING, AttemptState.ANSWERED)
        assert case.attempt.download_error == "The file couldn't be downloaded (502)."
        assert said == unknown_outcome.DELIVERING
        is_charged_exactly(case)

        case.files.behaviour = answer(200, GOOD)
        case.sweep()
        early = case.downloads
        case.sweep(due=True)
        assert (early, case.downloads, case.generation.state) == (1, 2, State.DONE)


def test_late_answer_whose_file_is_no_picture_is_final(late):
    with late(answer(200, b"<!doctype html>")) as (case, said):
        is_final(case, Rejection.UNUSABLE, "The response is an HTML page")
        assert (said, case.downloads) == (case.generation.reason, 1)


def test_late_answer_that_the_disk_has_lost_waits_for_nothing(late):
    with late(answer(502, b"")) as (case, _):
        spool.remove(case.attempt.id)
        case.sweep(due=True)

        is_final(case, Rejection.ANSWER_GONE, "The provider's response is no longer on this site's disk.")


@pytest.mark.parametrize(("behaviour", "listed"), [(answer(502, b""), True), (answer(200, GOOD), False)])
def test_file_that_the_history_names_is_booked_and_downloaded_like_any_other(
    behaviour, listed, alice, team, settings, emulator
):
    attempt = doubt(alice, team)
    with Hostile(behaviour) as files:
        output = f"{files.url}/a.png" if listed else "https://cdn.example.test/a.png"
        with history(settings, [row(attempt, output=output, credits_deduction=float(COST))]):
            for _ in range(5):
                attempt.generation.attempts.update(next_lookup_at=None)
                resolve_unknown_attempts(configured_provider())
                recover.recover(configured_provider())
            asked = len(files.requests)

    case = Case(Generation.objects.get(id=attempt.generation_id), files)
    assert (case.generation.state, case.attempt.state) == (State.RUNNING, AttemptState.ANSWERED)
    assert case.attempt.download_error
    assert asked == (2 if listed else 0), "once to see whether it is there, once as a download"
    is_charged_exactly(case)

"""Each rule of the checker against records that break it, and records that do not."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.chaos.checks.books import Attempt, Books, Call, Disk, Entry, Generation, Image, Site
from tests.chaos.checks.checker import Index, check
from tests.chaos.checks.figures import NEVER, figures

PRICE = Decimal("0.0150000001")
CALL = Call("request", 7, "prompt", (PRICE,), frozenset({"bytes"}))
DONE = Generation("g", "prompt", "done", PRICE)
STORED = Attempt("a", "g", 7, "stored", cost=PRICE)
PATH = "originals/aa/a.jpeg"
LEDGER = (
    Entry("hold", -PRICE, "g"),
    Entry("release", PRICE, "g"),
    Entry("charge", -PRICE, "g", "a"),
)
SOUND = Books(
    (CALL,),
    Site((DONE,), (STORED,), (Image("g", "a", PATH, "bytes"),), frozenset({"thumbnails/a"}), LEDGER),
    Disk({PATH: "bytes"}, thumbnails=frozenset({"thumbnails/a"})),
    ("prompt",),
)


def provider(*calls):
    return replace(SOUND, provider=calls)


def site(**changes):
    return replace(SOUND, site=replace(SOUND.site, **changes))


def disk(**changes):
    return replace(SOUND, disk=replace(SOUND.disk, **changes))


def unsettled(state, *, attempt, **changes):
    """Return records with generation and attempt in these states, without picture, files and ledger."""
    generation = replace(DONE, state=state, cost=changes.get("cost"))
    found = replace(STORED, state=attempt, **{"cost": None, **changes})
    return replace(SOUND, site=Site((generation,), (found,)), disk=Disk())


def names(books):
    return {(finding.rule, finding.figure) for finding in check(books)}


def test_sound_books_have_no_finding():
    assert check(SOUND) == []


PLANTED = {
    ("I1", "charged without a record"): site(
        attempts=(replace(STORED, sent=False),),
    ),
    ("I1", "POST without a record"): provider(CALL, Call("other", 8, "prompt")),
    ("I2", "attempts charged twice"): provider(replace(CALL, charges=(PRICE, PRICE))),
    ("I2", "orders charged twice"): provider(CALL, replace(CALL, seed=8)),
    ("I3", "paid, nothing to show, no record"): disk(originals={PATH: "half"}),
    ("I3", "other bytes than delivered"): provider(replace(CALL, delivered=frozenset({"others"}))),
    ("I3", "shown, and no picture"): disk(no_pictures=frozenset({PATH})),
    ("I4", "stuck"): unsettled("running", attempt="sent"),
    ("I4", "open attempt of a finished order"): unsettled("unknown", attempt="sent"),
    ("I4", "orders lost or doubled"): replace(SOUND, ordered=("prompt", "lost")),
    ("I5", "free, recorded as charged"): provider(replace(CALL, charges=())),
    ("I5", "cost differs"): site(attempts=(replace(STORED, cost=PRICE * 2),)),
    ("I6", "charged, recorded as free"): unsettled("failed", attempt="not_billed"),
    ("I6", "row without file"): disk(originals={}),
    ("I6", "file without row"): disk(originals={PATH: "bytes", "originals/bb/b.jpeg": "bytes"}),
    ("I6", "answer left in the spool"): disk(spool={"a": "bytes"}),
    ("I6", "done without a picture"): site(images=()),
    ("L", "ledger differs from attempts"): site(ledger=LEDGER[:2]),
    ("L", "hold without a cause"): site(ledger=(LEDGER[0], LEDGER[2])),
}


@pytest.mark.parametrize(("expected", "books"), PLANTED.items(), ids=[figure for _, figure in PLANTED])
def test_planted_violation_is_found(expected, books):
    assert expected in names(books)


def test_every_figure_with_goal_zero_was_planted():
    assert {figure for _, figure in PLANTED} == set(NEVER)


@pytest.mark.parametrize(
    "books",
    [
        disk(thumbnails=frozenset()),
        site(images=()),
        replace(unsettled("failed", attempt="rejected"), disk=Disk()),
        replace(unsettled("failed", attempt="rejected", cost=PRICE), disk=Disk(rejected={"a": "other bytes"})),
    ],
    ids=["thumbnail gone", "stored without an image row", "rejected and not kept", "rejected, other bytes kept"],
)
def test_other_ways_to_lose_what_was_paid_for_are_found(books):
    assert {rule for rule, _ in names(books)} & {"I3", "I6"}


@pytest.mark.parametrize(
    "books",
    [
        unsettled("unknown", attempt="unknown"),
        provider(replace(CALL, delivered=frozenset({"a page", "bytes"}))),
        replace(unsettled("failed", attempt="rejected", cost=PRICE), disk=Disk(rejected={"a": "bytes"})),
        site(attempts=(replace(STORED, cost=PRICE * 2, estimated=True),), generations=(replace(DONE, cost=PRICE * 2),),
             ledger=(Entry("charge", -PRICE * 3, "g", "a"), Entry("adjust", PRICE, "g", "a"))),
        site(ledger=None),
    ],
    ids=["doubt", "delivered at the second time", "rejected and kept", "estimate and adjustment", "no ledger"],
)  # fmt: skip
def test_what_is_said_openly_is_no_finding(books):
    assert check(books) == []


def test_hold_of_a_doubt_is_no_finding_and_a_second_release_is():
    doubt = unsettled("unknown", attempt="unknown")
    held = replace(doubt, site=replace(doubt.site, ledger=(LEDGER[0],)))
    released = replace(doubt, site=replace(doubt.site, ledger=(*LEDGER[:2], LEDGER[1])))

    assert names(held) == set()
    assert names(released) == {("L", "hold without a cause")}


def value(books, name, *, api="v2", reconciled=True):
    (found,) = [one for one in figures(books, check(books), api=api, reconciled=reconciled) if one.name == name]
    return found


@pytest.mark.parametrize(
    ("name", "books"),
    [
        ("unknown, billed, cost not known", unsettled("unknown", attempt="unknown")),
        ("unknown, billed, with its cost", unsettled("unknown", attempt="unknown", cost=PRICE)),
        ("unknown, not billed", replace(unsettled("unknown", attempt="unknown"), provider=(Call("r", 7, "prompt"),))),
        ("paid good pictures not in the gallery", unsettled("unknown", attempt="unknown")),
    ],
)
def test_doubt_that_could_be_settled_misses_its_goal(name, books):
    assert (value(books, name).value, value(books, name).missed) == (1, True)
    assert not value(books, name, reconciled=False).missed


def test_billed_doubt_with_its_cost_is_all_that_v1_can_do():
    assert not value(
        unsettled("unknown", attempt="unknown", cost=PRICE), "unknown, billed, with its cost", api="v1"
    ).missed


def test_spoiled_picture_is_not_missed_in_the_gallery():
    books = replace(unsettled("failed", attempt="rejected"), provider=(replace(CALL, fault="html"),))

    assert value(books, "paid good pictures not in the gallery").value == 0


def test_page_in_the_place_of_a_file_is_not_missed_in_the_gallery_and_a_picture_is():
    call = replace(CALL, version="v2", delivered=frozenset({"a page"}))
    page = replace(unsettled("failed", attempt="rejected"), provider=(call,), disk=Disk(rejected={"a": "a page"}))
    picture = replace(page, disk=replace(page.disk, rejected_pictures=frozenset({"a"})))
    report = replace(page, disk=Disk(rejected={"a": "the report"}))

    name = "paid good pictures not in the gallery"
    assert [value(books, name).value for books in (page, picture, report)] == [0, 1, 1]


def test_figures_count_what_was_taken():
    assert (
        value(SOUND, "charged by the provider, US$").value
        == value(SOUND, "cost on the site's books, US$").value
        == PRICE
    )
    assert len(Index(SOUND).charged) == value(SOUND, "charges").value == 1

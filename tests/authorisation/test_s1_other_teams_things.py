"""Threats S1 and S4: no user reads or changes what is not theirs, even with every id and address.

Every route is requested by all users at night, and on each commit by the weakest who is allowed and the strongest who
is not; the expected answers are those of the matrix in rows.py.
"""

import pytest

from tests.authorisation.asking import HTMX, ask, routes, told_in
from tests.authorisation.database import dump
from tests.authorisation.row import POST
from tests.authorisation.rows import PICTURES, READ, ROWS, TEAM
from tests.authorisation.rows_of_asides import FINDING, TALK
from tests.authorisation.world import MEMBERS, OUTSIDERS, PEOPLE

pytestmark = pytest.mark.django_db
LEAST_REQUESTS = 1000
# For htmx some refusals are a sentence beside the selected pictures.
SAID_BESIDE = 422
MONEY = tuple(f"admin:{model}_" for model in READ)
FRAGMENTS = [*PICTURES, *TEAM, *TALK, *FINDING]
# One outside of the team, and a member who cannot see private pictures.
FRAGMENT_PEOPLE = ("stranger", "viewer")


@pytest.fixture(scope="module")
def before(built):
    return dump()


def refused(row, who):
    return row.expected(who) != row.ok


def faults(row, world, before, is_right, people=PEOPLE, **options):
    """Yield what is wrong with the answers, one sentence for each."""
    for who in people:
        answer = ask(row, who, world, compare=before if refused(row, who) else None, **options)
        if not is_right(answer.status, who):
            yield f"{who} gets {answer.status}, the matrix says {row.expected(who)}"
        if answer.changed:
            yield f"{who} is refused and changes {sorted(answer.changed)}"
        if told := told_in(answer, row, who, world):
            yield f"{who} reads {sorted(told)}"


def test_s1_every_route_has_a_row_and_every_row_a_route():
    there, said = routes(), {row.name for row in ROWS}

    assert sorted(there - said) == [], (
        "these routes are not in the matrix: add a Row for each to tests/authorisation/rows.py that says who gets it"
    )
    assert sorted(said - there) == [], "these rows of tests/authorisation/rows.py name no route: remove them"


def at_the_border(row):
    """Return the users at the border: the weakest who is allowed, the strongest member who is refused, and exceptions.

    Users outside of the team are not ordered by strength: of those who are refused, each row takes another one.
    """
    may = [who for who in PEOPLE if not refused(row, who)]
    inside = [who for who in MEMBERS if refused(row, who)]
    outside = [who for who in OUTSIDERS if refused(row, who)]
    turn = outside[ROWS.index(row) % len(outside)] if outside else None
    return {*may[:1], *inside[-1:], *row.but} | ({turn} if turn else set())


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_s1_everybody_gets_what_the_matrix_says(row, world, before, at_night):
    people = PEOPLE if at_night else at_the_border(row)

    found = faults(row, world, before, lambda status, who: status == row.expected(who), people)

    assert "\n".join(found) == ""


@pytest.mark.parametrize("row", FRAGMENTS, ids=str)
def test_s1_fragment_is_refused_as_the_page_is(row, world, before):
    def is_right(status, who):
        return not refused(row, who) or status in {row.expected(who), SAID_BESIDE}

    assert "\n".join(faults(row, world, before, is_right, FRAGMENT_PEOPLE, headers=HTMX)) == ""


@pytest.mark.parametrize("row", [row for row in ROWS if row.name.startswith(MONEY) and row.method == POST], ids=str)
def test_s1_nobody_writes_money_or_files_through_the_admin(row, world, before):
    assert ask(row, "superuser", world, compare=before).changed == set()


def test_s1_everybody_is_asked_somewhere_at_each_commit():
    """Each route is also requested by a user outside of the team and by a member, unless it is open to all."""
    asked = {row.name: set() for row in ROWS}
    for row in ROWS:
        asked[row.name] |= at_the_border(row)

    assert set().union(*asked.values()) == set(PEOPLE)
    refusing = {row.name for row in ROWS if any(refused(row, who) for who in OUTSIDERS)}
    assert [name for name in refusing if not asked[name] & set(OUTSIDERS)] == []


def test_s1_matrix_is_as_large_as_it_says(record_property):
    requests = len(ROWS) * len(PEOPLE)
    record_property("requests", requests)

    assert requests >= LEAST_REQUESTS
    assert len({str(row) for row in ROWS}) == len(ROWS), "two rows ask the same; remove one"


def test_s1_secret_words_are_read_by_those_who_may(world):
    """Otherwise the search for them would find nothing because they are absent."""
    row = next(row for row in ROWS if (row.name, row.args) == ("detail", "private"))

    assert "wordsofprivate" in ask(row, "owner", world).body
    assert {"wordsofprivate", "Quayside Secret Society"} <= world.may_never_read("stranger")

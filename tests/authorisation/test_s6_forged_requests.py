"""Threat S6: no form of another site is accepted, and no GET changes anything."""

import pytest

from tests.authorisation.asking import ask, callbacks
from tests.authorisation.database import dump
from tests.authorisation.row import GET, POST
from tests.authorisation.rows import ROWS
from tests.authorisation.world import PEOPLE

pytestmark = pytest.mark.django_db
# One row for each address of the matrix, and one for each route.
ADDRESSES = list({(row.name, row.args, row.query): row for row in reversed(ROWS)}.values())
ROUTES = list({row.name: row for row in reversed(ROWS)}.values())
FORMS = list({(row.name, row.args): row for row in ROWS if row.method == POST}.values())

# Superusers see every page that an owner sees, and more.
everybody_who_sees_all = pytest.mark.parametrize("who", [pytest.param("owner", marks=pytest.mark.nightly), "superuser"])


@pytest.fixture(scope="module")
def before(built):
    return dump()


def allowed(row):
    """Return a user who is allowed, whose form would be accepted with its token."""
    return next((who for who in reversed(PEOPLE) if row.expected(who) == row.ok), "owner")


def told(row):
    """Return what a GET of this route may write.

    That is the visit of a share link, the last used team, the first download of a picture, and the rate limit of ZIPs.
    """
    return {written for one in ROWS if one.name == row.name for written in one.writes}


def test_s6_no_view_is_exempt_from_the_check_of_forms():
    assert [name for name, view in callbacks() if getattr(view, "csrf_exempt", False)] == []


def test_s6_form_without_its_token_is_refused_and_changes_nothing(world, before):
    answers = {row: ask(row, allowed(row), world, compare=before, enforce_csrf_checks=True) for row in FORMS}

    assert len(FORMS) > len({row.name for row in FORMS}) > 1
    assert {str(row): one.status for row, one in answers.items() if one.status != 403} == {}
    assert {str(row): one.changed for row, one in answers.items() if one.changed} == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_s6_every_route_refuses_every_unsafe_method_without_a_token(world, before, method):
    for row in ROUTES:
        answer = ask(row, allowed(row), world, method=method, compare=before, enforce_csrf_checks=True)
        assert (str(row), answer.status, answer.changed) == (str(row), 403, frozenset())


@everybody_who_sees_all
def test_s6_looking_at_any_address_changes_nothing(world, before, who):
    written = {row: ask(row, who, world, method=GET, compare=before).changed - told(row) for row in ADDRESSES}

    assert {str(row): changed for row, changed in written.items() if changed} == {}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
@everybody_who_sees_all
def test_s6_asking_about_any_route_changes_nothing(world, before, who, method):
    written = {row: ask(row, who, world, method=method, compare=before).changed - told(row) for row in ROUTES}

    assert {str(row): changed for row, changed in written.items() if changed} == {}


def test_s6_only_visits_the_last_team_copies_and_zips_are_noted_by_looking():
    assert {written for row in ROWS for written in row.writes} == {
        "generations_sharevisit", "generations_membership.last_used_at", "generations_generation.downloaded_at",
        "generations_ratelimituse",
    }  # fmt: skip


def test_s6_form_that_is_only_looked_at_says_so(world):
    """A GET of a form address does not do what the form does."""
    gets = {row.name for row in ROWS if row.method == GET}
    only = [row for row in ROUTES if row.name not in gets and row.name != "home"]

    assert {row.name: ask(row, allowed(row), world, method=GET).status for row in only} == dict.fromkeys(
        (row.name for row in only), 405
    )

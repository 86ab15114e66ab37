"""The setup of a new team: three steps above its gallery, for its owners."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from generations.models import Budget, Role, Span, Team
from generations.pipeline.worker.fulfil import fulfil
from generations.services.orders.first_picture import order_first_picture
from tests.factories import make_person

pytestmark = pytest.mark.django_db
PAGE = "/t/harbour/"
MIGRATION = import_module("generations.migrations.0016_setup")


@pytest.fixture(autouse=True)
def new(team):
    Team.objects.update(setup_ended_at=None)


def setup(client, address=PAGE):
    """Return the part of the page about the setup, empty without one."""
    return client.get(address).content.decode().partition('<section class="setup"')[2].partition("</section>")[0]


def test_steps_are_ticked_off_until_the_setup_goes_away(as_, alice, team):
    client = as_(alice)
    assert "1 of 3 done" in setup(client)
    assert "Pictures are simulated" in setup(client)

    make_person("Bob", team)
    assert "2 of 3 done" in setup(client)
    Budget.objects.create(team=team, span=Span.MONTH, hard=Decimal(3))
    assert setup(client) == ""


def test_invitation_counts_as_company(as_, alice, team):
    client = as_(alice)
    client.post("/t/harbour/people/", {"email": "new@example.test", "role": Role.MEMBER})

    assert "2 of 3 done" in setup(client)


def test_live_picture_is_the_first_step_with_a_key(emulator, settings, as_, alice, team):
    settings.EMULATED = False
    client = as_(alice)
    assert "0 of 3 done" in setup(client)
    assert 'href="/t/harbour/first-picture/"' in setup(client)

    found = order_first_picture(actor=alice, team=team, prompt="a round stone")
    assert "0 of 3 done" in setup(client)
    fulfil(found.generation_id)
    found.generation.refresh_from_db()

    assert f"Your first live picture cost ${found.generation.cost:.4f}." in setup(client)
    assert "1 of 3 done" in setup(client)


def test_setup_is_skipped_for_all_owners(as_, alice, team):
    other = as_(make_person("Olga", team, Role.OWNER))
    assert setup(other)

    assert as_(alice).post("/t/harbour/setup/skip").status_code == 302

    assert setup(other) == ""


def test_setup_stands_above_the_first_page_of_the_gallery_alone(as_, alice, team):
    client = as_(alice)

    assert setup(client)
    assert not setup(client, f"{PAGE}?q=boat")
    for role in (Role.MANAGER, Role.MEMBER, Role.VIEWER):
        assert setup(as_(make_person(role.title(), team, role))) == ""
    assert as_(make_person("Max", team, Role.MANAGER)).post("/t/harbour/setup/skip").status_code == 403


def test_teams_from_before_need_no_setup(as_, alice, team):
    MIGRATION.skip_for_existing(apps, connection.schema_editor(collect_sql=True))

    assert Team.objects.get().setup_ended_at is not None
    assert setup(as_(alice)) == ""

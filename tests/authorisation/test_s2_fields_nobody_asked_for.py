"""Threat S2: a form ignores fields that it does not have, even when they are named like columns.

Every form of the matrix is sent unchanged twice, and once with every column of every table beside its own fields. The
third answer may differ from the first only where the second does: in times, ids and random values.
"""

import pytest
from django.apps import apps
from django.db import models

from tests.authorisation.asking import address, fields
from tests.authorisation.database import changes, dump, taken_back
from tests.authorisation.row import POST
from tests.authorisation.rows import ROWS
from tests.authorisation.world import MEMBERS, OUTSIDERS

pytestmark = pytest.mark.django_db
ANYTHING = ("author_id", "team_id", "user", "owner", "creator", "cost", "state", "role", "is_staff", "is_superuser")
CHOSEN = {"role": "owner", "state": "done", "visibility": "private", "is_superuser": "on", "is_staff": "on"}
SHARED = {"until", "protected", "password", "allow_download", "show_prompt", "show_names"}
# Fields that a form has beside those of its row.
ASKED = {
    "create": {"prompt", "seed", "visibility", "collection", "model", "client_key", "count"},
    "parameter_grid": {"prompt", "seed", "visibility", "collection", "model", "client_key", "count"},
    "decide_request": {"note"},
    "selection": {"collection", "tag"},
    "revoke_links": {"link", "person"},
    "share": SHARED,
    "share_collection": SHARED,
    "change_link": SHARED,
    "collections": {"description"},
    "collection_edit": {"description", "order", "cost_centre"},
    "change_team": {"cost_centre_required"},
    "provenance": {"prompt_in_downloads", "prompt_in_shared_copies"},
    "theme": {"theme"},
    "comment": {"text"},
    "change_comment": {"text"},
    "save_search": {"name"},
    "change_saved_search": {"name", "shared"},
    "presets": {"name", "seed", "visibility", "collection", "count", "client_key"},
    "change_preset": {"name", "shared"},
    "default_preset": {"default"},
    "notification_preferences": {"digest"},
    "rename_passkey": {"name"},
    "sign_off": {"note"},
    "limits": {"span", "soft", "hard", "by_site"},
    "change_limit": {"soft", "hard"},
}
TABLES_OF = {"generations", "auth", "account", "mfa", "socialaccount"}
# A request with an unknown parameter is refused as a whole.
REFUSES_OTHERS = {"create", "parameter_grid"}
FORMS = {
    (row.name, row.args, row.fields.get("action")): row
    for row in ROWS
    if row.method == POST and not row.name.startswith("admin") and "ok" in row.policy.values()
}
# On each commit one form of each address and action; at night one for each thing.
FIRST = {(name, action): row for (name, _, action), row in reversed(FORMS.items())}
CASES = [row if row in FIRST.values() else pytest.param(row, marks=pytest.mark.nightly) for row in FORMS.values()]


def columns():
    kinds = [model for model in apps.get_models() if model._meta.app_label in TABLES_OF]
    return [field for model in kinds for field in model._meta.concrete_fields]


def value_for(field, world):
    """Return a value that stands out; a key is that of the stranger or of the superuser."""
    if isinstance(field, models.BooleanField):
        return "on"
    if field.name in {"user", "author", "creator", "actor", "invited_by", "added_by"}:
        return world.things["superuser"]
    if field.name == "team":
        return world.people["stranger"].teams.get().pk
    if isinstance(field, models.ForeignKey | models.UUIDField):
        return str(world.things["island_picture"])
    if isinstance(field, models.IntegerField | models.DecimalField):
        return "987654321"
    return "2031-01-01 00:00" if isinstance(field, models.DateTimeField) else "injectosaur"


def everything(world, but):
    found = {name: value_for(field, world) for field in columns() for name in (field.name, field.attname)}
    found |= dict.fromkeys(ANYTHING, world.things["superuser"]) | CHOSEN
    return {name: value for name, value in found.items() if name not in but}


def after(row, who, world, data):
    with taken_back():
        response = world.client(who).post(address(row, world), data)
        return response.status_code, dump()


@pytest.mark.parametrize("row", CASES, ids=str)
def test_s2_form_takes_its_own_fields_and_no_others(row, world):
    who = next(who for who in (*MEMBERS, *OUTSIDERS) if row.expected(who) == row.ok)
    own = fields(row, world)
    status, first = after(row, who, world, own)
    _, second = after(row, who, world, own)

    answer, third = after(row, who, world, everything(world, ASKED.get(row.name, ())) | own)

    if row.name in REFUSES_OTHERS:
        assert (answer, changes(dump(), third)) == (422, set())
    else:
        assert answer == status
        assert changes(first, third) <= changes(first, second)


def test_s2_there_are_columns_to_try(world):
    assert len(everything(world, ())) > 100

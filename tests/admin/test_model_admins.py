"""Every model admin: it opens with few queries, for superusers only, and shows no secret."""

import re
from datetime import date

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations.admin.base import AuditedModelAdmin, ReadOnlyAdmin
from generations.admin.filters import TextInputFilter
from generations.models import Budget, Generation, LedgerEntry, ShareLink, State, User
from tests.admin.conftest import EDITABLE, READ_ONLY, address_of, admin_of, one_of_each
from tests.factories import draw, make_person, make_team

pytestmark = pytest.mark.django_db
EVERY = [*EDITABLE, *READ_ONLY]
named = pytest.mark.parametrize("model", EVERY, ids=lambda model: model._meta.model_name)
read = pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model._meta.model_name)
# Of the list: session, person, rights, count, rows, and what the page itself says.
MAX_QUERIES = 14


def asked(client, address):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return [one["sql"] for one in queries]


def searches(client, model):
    """Yield an address for every filter and for every kind of search term."""
    model_admin, base = admin_of(model), address_of(model)
    yield f"{base}?q=nothing-like-this"
    yield f"{base}?q=01a2b3c4-0000-7000-8000-000000000000"
    yield f"{base}?q=alice@example.test"
    spec = client.get(base).context["cl"].filter_specs
    for one in spec:
        if isinstance(one, TextInputFilter):
            typed = "2026-11-28" if one.kind == "date" else "harbour"
            yield from (f"{base}?{name}={typed}" for name in one.parameters)
            yield from (f"{base}?{name}=alice@example.test" for name in one.parameters)
        else:
            yield from (base + choice["query_string"] for choice in one.choices(client.get(base).context["cl"]))
    assert len(spec) >= len(list(model_admin.list_filter)) - 1


def test_every_model_admin_is_one_of_ours():
    assert set(admin.site._registry) == set(EVERY)
    assert all(isinstance(model_admin, AuditedModelAdmin) for model_admin in admin.site._registry.values())
    assert all(isinstance(admin_of(model), ReadOnlyAdmin) for model in READ_ONLY)


def test_labels_of_lists_and_filters_are_readable(client, books):
    budgets = client.get(address_of(Budget)).content.decode()

    assert "By set by" in re.sub(r"\s+", " ", budgets)
    assert "Sign-offs" in client.get("/admin/").content.decode()


@named
def test_list_search_filters_and_row_open(model, client, books):
    row = model._default_manager.order_by("pk").first()

    assert row is not None
    for address in [address_of(model), *searches(client, model), f"{address_of(model)}{row.pk}/change/"]:
        asked(client, address)


def somebody_else(number):
    team = make_team(f"Team {number}", f"team-{number}")
    return team, make_person(f"Person{number}", team)


@named
def test_list_asks_the_same_for_one_row_and_for_many(model, client, books):
    client.get(address_of(model))
    few = asked(client, address_of(model))
    for number in range(1, 4):
        team, author = somebody_else(number)
        one_of_each(author, team, date(2020, 1, 1))
    many = asked(client, address_of(model))

    assert len(few) == len(many) <= MAX_QUERIES


@named
def test_other_users_are_sent_away(model, as_, books, alice, vera):
    row = model._default_manager.order_by("pk").first()

    for who in (alice, vera):
        for address in (address_of(model), f"{address_of(model)}{row.pk}/change/"):
            assert as_(who).get(address).status_code == 302


@named
def test_staff_without_the_right_is_refused(model, as_, books, alice):
    User.objects.filter(pk=alice.pk).update(is_staff=True)

    assert as_(alice).get(address_of(model)).status_code == 403


@read
def test_what_is_read_only_is_neither_added_nor_changed_nor_deleted(model, client, books):
    row, base = model._default_manager.order_by("pk").first(), address_of(model)
    before = list(model._default_manager.values())
    form = {field.name: "1" for field in model._meta.concrete_fields}

    assert client.get(f"{base}add/").status_code == 403
    assert client.post(f"{base}add/", form).status_code == 403
    assert client.post(f"{base}{row.pk}/change/", form).status_code == 403
    assert client.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(base, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    client.post(base, {**form, "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": row.pk, "_save": "1"})
    assert list(model._default_manager.values()) == before


@read
def test_nothing_is_asked_of_a_column_that_no_filter_names(model, client, books):
    """A word in the address may neither scan a table nor guess at a hash letter by letter."""
    column = "token_hash" if model is ShareLink else "id"

    assert client.get(f"{address_of(model)}?{column}__startswith=a").status_code == 400
    assert client.get(f"{address_of(model)}?{column}__icontains=a").status_code == 400


@read
def test_order_of_a_long_list_cannot_be_changed(model, client, books):
    sql = "\n".join(asked(client, f"{address_of(model)}?o=3.-2"))

    assert re.findall(r"ORDER BY (.*?) (?:DESC|ASC)", sql.replace("ORDER BY 1 ASC", "")) != []
    assert set(re.findall(rf'ORDER BY "{model._meta.db_table}"\."(\w+)"', sql)) == {"id"}


@named
def test_no_table_is_counted_to_its_end(model, client, books):
    addresses = [address_of(model), *searches(client, model)]
    counts = [sql for address in addresses for sql in asked(client, address) if "COUNT(" in sql]

    assert counts
    assert [sql for sql in counts if "LIMIT" not in sql] == []


def test_no_page_holds_a_secret(client, books):
    link = ShareLink.objects.get()
    hashes = set(User.objects.values_list("password", flat=True))
    secrets = {link.token_hash, link.password, client.session.session_key, *hashes}
    parts = {part for one in secrets for part in one.split("$") if len(part) > 8 and "=" not in part}
    pages = ""
    for model in EVERY:
        pages += client.get(address_of(model)).content.decode()
        for row in model._default_manager.all():
            pages += client.get(f"{address_of(model)}{row.pk}/change/").content.decode()

    assert [part for part in parts if part[:8] in pages] == []


def test_list_ends_at_a_thousand_with_a_hint(client, books):
    fields = {f.attname: getattr(books, f.attname) for f in Generation._meta.concrete_fields if f.attname != "id"}
    Generation.objects.bulk_create(Generation(**fields | {"client_key": None}) for _ in range(1_001))

    page = client.get(address_of(Generation))

    assert page.context["cl"].result_count == 1_000
    assert "Showing the latest 1000 generations" in page.content.decode()
    assert "1002 generations" not in page.content.decode()


def test_unknown_value_is_explained_beside_the_field(client, books):
    page = client.get(f"{address_of(LedgerEntry)}?team=nowhere").content.decode()

    assert "No team matches “nowhere”." in page
    assert 'value="nowhere"' in page
    assert "“yesterday” isn&#x27;t a date" in client.get(f"{address_of(LedgerEntry)}?from=yesterday").content.decode()


def test_picture_is_found_by_its_id_its_attempts_and_the_request_id(client, books):
    other = draw(books.author, books.team)
    attempt = books.attempts.get()

    for term in (books.id, attempt.id, attempt.request_id, books.id.hex):
        found = client.get(f"{address_of(Generation)}?q={term}").context["cl"].result_list
        assert [row.id for row in found] == [books.id], term
    assert other.id != books.id


def test_picture_in_the_trash_is_listed_there_and_found_by_its_id(client, books):
    Generation.objects.update(deleted_at=books.finished_at)

    for query, count in {"": 0, "place=trash": 1, f"q={books.id}": 1}.items():
        assert client.get(f"{address_of(Generation)}?{query}").context["cl"].result_count == count


def test_thumbnail_is_shown_to_superusers_and_leads_to_the_page_of_those_who_may(client, as_, books, root, team):
    page = client.get(address_of(Generation)).content.decode()
    small = f"/admin/generations/generation/{books.id}/small.webp"

    assert f'src="{small}"' in page
    assert 'loading="lazy"' in page
    assert f'href="/g/{books.id}/"' not in page
    assert client.get(small)["Content-Type"] == "image/webp"
    assert as_(books.author).get(small).status_code == 302
    team.memberships.create(user=root)
    assert f'href="/g/{books.id}/"' in client.get(address_of(Generation)).content.decode()
    Generation.objects.update(state=State.DONE, purged_at=books.finished_at)
    assert client.get(small).status_code == 404


def test_password_is_changed_on_the_site_alone(client):
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/"
    assert client.post("/admin/password_change/", {"old_password": "x"})["Location"] == "/accounts/password/"

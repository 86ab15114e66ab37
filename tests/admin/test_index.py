"""The index and the sidebar group the models; every page writes dates in the site's one format."""

import re

import pytest
from django.contrib import admin
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags

from generations.models import Attempt, AuditEvent, BalanceReading, Generation, LedgerEntry, ProviderPause, SignOff
from hidream_site.admin_site import GROUPS
from tests.admin.conftest import EDITABLE, READ_ONLY, address_of

pytestmark = pytest.mark.django_db
named = pytest.mark.parametrize("model", [*EDITABLE, *READ_ONLY], ids=lambda model: model._meta.model_name)
OTHER_FORMAT = re.compile(r"\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{4}|[ap]\.m\.")


def captions(page):
    return re.findall(r"<caption>(.*?)</caption>", page)


def test_every_model_is_in_exactly_one_group():
    grouped = [name for _, names in GROUPS for name in names]

    assert sorted(grouped) == sorted(model._meta.model_name for model in admin.site._registry)


def test_index_and_sidebar_have_the_groups_in_their_order(client):
    index, teams = (client.get(one).content.decode() for one in ("/admin/", "/admin/generations/team/"))

    assert captions(index) == captions(teams) == ["Pictures", "Money", "People", "Provider"]
    assert index.index(">Images<") < index.index(">Money<") < index.index(">Sign-offs<") < index.index(">People<")
    assert teams.count('aria-current="page"') == 1
    assert client.get("/admin/generations/")["Location"] == "/admin/"


def test_trail_leads_to_the_list_and_the_index(client, team):
    page = client.get(f"/admin/generations/team/{team.pk}/change/").content.decode()
    trail = re.search(r'<div class="breadcrumbs">(.*?)</div>', page, re.DOTALL)[1]

    assert re.findall(r'href="(.*?)"', trail) == ["/admin/", "/admin/generations/team/"]
    assert strip_tags(trail).replace("\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}", "").split() == [
        "Admin", "Teams", "Harbour", "team",
    ]  # fmt: skip


@named
def test_no_page_writes_a_date_in_another_format(model, client, books):
    row = model._default_manager.order_by("pk").first()
    # What the provider said is shown as it was.
    Attempt.objects.update(headers={})

    for address in (address_of(model), f"{address_of(model)}{row.pk}/change/"):
        body = client.get(address).content.decode().partition("<main")[2]
        assert OTHER_FORMAT.findall(strip_tags(body)) == [], address


@pytest.mark.parametrize(
    ("model", "column"),
    [
        (Generation, "queued_at"), (LedgerEntry, "created_at"), (AuditEvent, "at"), (BalanceReading, "read_at"),
        (ProviderPause, "started_at"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)  # fmt: skip
def test_list_and_page_of_a_row_write_the_time_as_the_site_does(model, column, client, books):
    row = model._default_manager.order_by("-pk").first()
    moment = date_format(timezone.localtime(getattr(row, column)), "DATETIME_FORMAT")

    assert moment in client.get(address_of(model)).content.decode()
    assert moment in client.get(f"{address_of(model)}{row.pk}/change/").content.decode()


def test_month_of_a_sign_off_is_a_month(client, books):
    page = client.get(address_of(SignOff)).content.decode()

    assert ">January 2020</a>" in page
    assert "1 January 2020" not in page

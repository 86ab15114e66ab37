"""The admin leads to the site's page of a thing, where the superuser may open it, and the site leads to the admin."""

import re

import pytest

from generations.models import (
    BalanceReading,
    Budget,
    Collection,
    Generation,
    Image,
    LedgerEntry,
    Membership,
    ProviderPause,
    Role,
    ShareLink,
    SignOff,
    SiteLimit,
    Team,
)  # fmt: skip
from tests.admin.conftest import EDITABLE, READ_ONLY, address_of

pytestmark = pytest.mark.django_db
EVERY = [*EDITABLE, *READ_ONLY]
# They are about the whole site.
OF_THE_SITE = {BalanceReading: "/provider/", ProviderPause: "/provider/", SiteLimit: "/credits/", Budget: "/credits/"}


def site_page(client, model):
    """Return where *View on site* of the newest row leads."""
    return page_of(client, model._default_manager.order_by("-pk").first())


def page_of(client, row):
    model = type(row)
    page = client.get(f"{address_of(model)}{row.pk}/change/").content.decode()
    found = re.search(r'<a href="([^"]*)" class="viewsitelink">', page)
    return found and found[1]


def test_pages_lead_to_the_site_for_those_who_may_open_them_there(client, books, root):
    """Outside the team only what is about the whole site is linked; an owner gets to each, and each opens."""
    assert {model: site_page(client, model) for model in EVERY} == dict.fromkeys(EVERY) | OF_THE_SITE

    Membership.objects.create(user=root, team=books.team, role=Role.OWNER)
    found = {model: site_page(client, model) for model in EVERY}

    assert found[Generation] == found[Image] == found[ShareLink] == f"/g/{books.id}/"
    assert found[Team] == "/t/harbour/"
    assert found[LedgerEntry] == "/t/harbour/credits/entries/"
    assert found[SignOff] == "/t/harbour/credits/sign-off/2020-01/"
    assert {model.__name__ for model, address in found.items() if not address} == {"User"}
    assert {address: client.get(address).status_code for address in found.values() if address} == dict.fromkeys(
        filter(None, found.values()), 200
    )


def test_pages_of_a_managers_are_not_linked_for_a_member(client, books, root):
    Membership.objects.create(user=root, team=books.team, role=Role.VIEWER)

    assert site_page(client, Team) == "/t/harbour/"
    assert site_page(client, SignOff) is None
    assert page_of(client, Budget.objects.get(team=books.team)) is None


def test_limit_of_a_team_leads_to_its_limits(client, books, root):
    Membership.objects.create(user=root, team=books.team, role=Role.MANAGER)

    assert page_of(client, Budget.objects.get(team=books.team)) == "/t/harbour/credits/limits/"


def test_link_to_a_collection_leads_to_the_collection(client, books, root):
    Membership.objects.create(user=root, team=books.team)
    collection = Collection.objects.create(team=books.team, name="Ships")
    ShareLink.objects.create(team=books.team, creator=root, collection=collection, token_hash="x")

    assert site_page(client, ShareLink) == f"/t/harbour/collections/{collection.id}/"


def test_list_of_teams_links_pages_of_own_teams_alone(client, books, root):
    assert 'href="/t/harbour/credits/"' not in client.get(address_of(Team)).content.decode()

    Membership.objects.create(user=root, team=books.team)

    page = client.get(address_of(Team)).content.decode()
    for address in ("/t/harbour/", "/t/harbour/credits/", "/t/harbour/people/"):
        assert f'href="{address}"' in page


def test_head_of_the_admin_leads_back_to_the_site(client):
    head = re.search(r"<header.*?</header>", client.get("/admin/").content.decode(), re.DOTALL)[0]

    assert re.findall(r'<a href="(.*?)"', head) == ["/admin/", "/", "/credits/", "/provider/", "/accounts/"]


def test_site_leads_superusers_alone_to_the_admin(as_, books, root, alice):
    Membership.objects.create(user=root, team=books.team, role=Role.VIEWER)
    ways = {
        f"/g/{books.id}/": f"{address_of(Generation)}{books.id}/change/",
        "/t/harbour/people/": f"{address_of(Team)}{books.team_id}/change/",
        "/": "/admin/",
    }

    for page, address in ways.items():
        assert f'href="{address}"' in as_(root).get(page, follow=True).content.decode(), page
        assert as_(root).get(address).status_code == 200
        assert "/admin/" not in as_(alice).get(page, follow=True).content.decode(), page


def test_superuser_without_a_team_finds_the_spending_of_all_teams(client):
    body = client.get("/").content.decode()
    main = body.partition("<main")[2]

    assert '<a class="button" href="/credits/">Spending across teams</a>' in main
    assert f'href="{address_of(Team)}"' in main
    assert 'href="/credits/"' in body.partition("<main")[0]
    assert client.get("/credits/").status_code == 200

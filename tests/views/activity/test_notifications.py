"""The page of notifications, the bell on every page, and the switches on the account page."""

import pytest
from django.urls import reverse
from django.utils import timezone

from generations.models import Budget, Generation, Membership, Notification, Role, User, Visibility
from generations.services.activity import comments
from generations.services.collections import collections
from generations.services.orders import approvals
from generations.services.orders.approvals import submit_or_request_approval
from generations.services.orders.submit import GenerationRequest
from generations.services.spending.limit_alerts import check_limits
from tests.factories import clean_values, draw, make_person, order
from tests.sharing import collect

pytestmark = pytest.mark.django_db
ADDRESS = "/notifications/"


@pytest.fixture
def picture(bob, team, emulator):
    return draw(bob, team)


@pytest.fixture
def told(alice, picture):
    comments.write(actor=alice, generation=picture, text="@bob is this the right dusk?")
    return Notification.objects.get()


def test_bell_counts_and_page_tells(as_, bob, told):
    client = as_(bob)
    assert "Notifications, 1 unread" in client.get("/t/harbour/").content.decode()

    text = " ".join(client.get(ADDRESS).content.decode().split())
    assert '<b dir="auto">Alice</b> mentioned you' in text
    assert "is this the right dusk?" in text


def test_opening_one_reads_it_and_leads_to_the_picture(as_, bob, picture, told):
    client = as_(bob)

    assert client.post(reverse("open_notification", args=[told.id])).url == f"/g/{picture.id}/#comments"
    assert "unread" not in client.get(ADDRESS).content.decode()


def test_several_collected_pictures_lead_to_their_collection(as_, alice, bob, team):
    pictures, shelf = order(bob, team, count=2), collect(alice, team)
    Generation.objects.update(state="done", finished_at=timezone.now())
    collections.add(actor=alice, collection=shelf, generations=pictures)
    row = Notification.objects.filter(user=bob).first()

    assert as_(bob).post(reverse("open_notification", args=[row.id])).url == f"/t/harbour/collections/{shelf.pk}/"
    assert Notification.objects.filter(read_at=None).count() == 0


def test_one_is_read_and_all_are_read(as_, alice, bob, picture, told):
    client = as_(bob)
    comments.write(actor=alice, generation=picture, text="another")

    client.post(reverse("read_notification", args=[told.id]), {"next": ADDRESS})
    assert "Notifications, 1 unread" in client.get(ADDRESS).content.decode()
    client.post("/notifications/read", {"newest": client.get(ADDRESS).context["newest"]})
    assert "Notifications, 1 unread" not in client.get(ADDRESS).content.decode()


def test_looking_changes_nothing(as_, bob, told):
    client = as_(bob)
    client.get(ADDRESS)

    for name in ("open_notification", "read_notification"):
        assert client.get(reverse(name, args=[told.id])).status_code == 405
    assert Notification.objects.get().read_at is None


def test_nobody_touches_those_of_others(as_, alice, charlie, told):
    for person in (alice, charlie):
        for name in ("open_notification", "read_notification"):
            assert as_(person).post(reverse(name, args=[told.id])).status_code == 404
        as_(person).post("/notifications/read", {"newest": str(told.id)})
    assert Notification.objects.get().read_at is None


@pytest.mark.parametrize("why", ["private", "left"])
def test_what_is_out_of_sight_is_not_told(as_, alice, vera, picture, why):
    comments.write(actor=alice, generation=picture, text="@vera a secret")
    row = Notification.objects.get(user=vera)
    if why == "private":
        Generation.objects.update(visibility=Visibility.PRIVATE)
    else:
        Membership.objects.filter(user=vera).delete()
    client = as_(vera)

    text = client.get(ADDRESS).content.decode()
    assert "secret" not in text
    assert "unread" not in text
    assert client.post(reverse("open_notification", args=[row.id])).status_code == 404


def test_switches_are_kept(as_, bob):
    client = as_(bob)
    client.post("/accounts/notifications", {"digest": "hourly", "site-mention": "on", "mail-comment": "on"})

    text = client.get("/accounts/").content.decode()
    assert '<option value="hourly" selected>' in text
    assert 'name="site-mention" checked' in text
    assert text.count("checked") == 2
    client.post("/accounts/notifications", {"digest": "never"})
    assert '<option value="hourly" selected>' in client.get("/accounts/").content.decode()


def test_limit_is_told_and_leads_to_the_page_of_limits(as_, alice, bob, team):
    (row,) = order(bob, team)
    Budget.objects.create(team=team, person=bob, hard=row.estimate)
    check_limits(None)

    pages = {one: as_(one).get(ADDRESS).content.decode() for one in (alice, bob)}
    places = [
        as_(one).post(reverse("open_notification", args=[Notification.objects.get(user=one).id])).url
        for one in (alice, bob)
    ]

    assert "Spending reached Bob&#x27;s monthly limit" in pages[alice]
    assert "Spending reached your monthly limit" in pages[bob]
    assert all("1 unread" in page for page in pages.values())
    assert places == ["/t/harbour/credits/limits/", "/t/harbour/credits/"]
    assert Notification.objects.filter(read_at=None).count() == 0


def test_whoever_runs_the_site_comes_to_the_admins_page_of_a_team_she_is_not_in(as_, team, alice, bob):
    root = make_person("Root")
    User.objects.filter(pk=root.pk).update(is_superuser=True, is_staff=True)
    (row,) = order(bob, team)
    Budget.objects.create(team=team, hard=row.estimate, by_site=True)
    check_limits(None)

    told = Notification.objects.get(user=root)
    assert (
        as_(root).post(reverse("open_notification", args=[told.id])).url == f"/admin/generations/team/{team.pk}/change/"
    )


@pytest.fixture
def asked(alice, bob, team):
    team.approval_above = 0
    team.save()
    return submit_or_request_approval(
        actor=bob, team=team, order=GenerationRequest(clean_values(prompt="wordsofbob"), 3)
    )


def test_order_that_waits_is_told_without_its_words_and_leads_to_it(as_, alice, asked):
    client = as_(alice)
    page = client.get(ADDRESS).content.decode()
    row = Notification.objects.get(user=alice)

    answer = client.post(reverse("open_notification", args=[row.id]))

    assert "Bob requests approval for 3 pictures, ≈ $0.046" in page
    assert "Nothing is charged until a manager decides." in page
    assert ("wordsofbob" in page, ", 1 unread" in page) == (False, True)
    assert answer.url == f"/t/harbour/approvals/#asked-{asked.pk}"
    assert f'id="asked-{asked.pk}"' in client.get("/t/harbour/approvals/").content.decode()


def test_what_became_of_it_is_told_to_the_asker_and_to_other_managers(as_, alice, bob, team, asked):
    mona = make_person("Mona", team, Role.MANAGER)
    approvals.reject(actor=mona, request=asked, note="too many <gulls>")

    of_bob, managers = (as_(one).get(ADDRESS).content.decode() for one in (bob, alice))
    answer = as_(bob).post(reverse("open_notification", args=[Notification.objects.get(user=bob).id]))

    assert "Mona declined your request for 3 pictures, ≈ $0.046" in of_bob
    assert "“too many &lt;gulls&gt;”" in of_bob
    assert ("Declined by Mona." in managers, "gulls" in managers) == (True, False)
    assert answer.url == f"/t/harbour/approvals/#asked-{asked.pk}"
    assert f'id="asked-{asked.pk}"' in as_(bob).get("/t/harbour/approvals/").content.decode()


def test_notification_of_an_order_is_nobody_elses(as_, alice, bob, vera, charlie, asked):
    row = Notification.objects.get(user=alice)

    for person in (bob, vera, charlie):
        assert as_(person).post(reverse("open_notification", args=[row.id])).status_code == 404
        assert "requests approval" not in as_(person).get(ADDRESS).content.decode()

"""The team's page of links."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Generation, Membership, Role, ShareLink, ShareVisit, User, Visibility
from generations.pipeline.recovery.retention import delete_old_visits
from generations.queries.sharing.share_links import links_page
from generations.queries.site.keyset import Cursor
from tests.factories import draw, make_person
from tests.sharing import collect, outsider, share

pytestmark = pytest.mark.django_db
URL = "/t/harbour/links/"
# Two of them are for the covers of collections, however many links there are, and two for what is unread.
QUERIES = 19


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team, prompt="two boats")


def html_of(client, query=""):
    return client.get(f"{URL}{query}").content.decode()


def test_links_are_listed_with_their_terms_and_visits(as_, bob, picture):
    _, base = share(bob, picture, allow_download=True, password="open sesame")
    _, plain = share(bob, picture)
    for _ in range(2):
        outsider().get(plain)

    html = html_of(as_(bob))

    for words in ("two boats", "30 days left", "Password", "Download", "2 visits", "No visits yet", "last visit today"):
        assert words in html
    assert base.split("/")[2] not in html


def test_members_see_their_own_and_managers_all(as_, alice, bob, vera, charlie, picture):
    share(alice, picture)
    share(bob, picture)

    counts = [html_of(as_(who)).count('name="only"') for who in (alice, bob, vera)]

    assert counts == [2, 1, 0]
    assert as_(charlie).get(URL).status_code == 404


def test_one_link_is_revoked_by_its_button(as_, bob, picture):
    kept, _ = share(bob, picture)
    link, base = share(bob, picture)
    client = as_(bob)

    response = client.post(f"{URL}revoke", {"only": str(link.id), "link": [str(kept.id)]}, follow=True)

    assert "Link revoked." in response.content.decode()
    assert ShareLink.objects.get(revoked_at=None) == kept
    assert outsider().get(base).status_code == 404
    assert "Revoked" in html_of(client, "?ended")


def test_many_links_are_revoked_together_and_all_of_a_person(as_, alice, bob, picture):
    links = [share(bob, picture)[0] for _ in range(5)]

    client = as_(alice)
    client.post(f"{URL}revoke", {"link": [str(link.id) for link in links[:2]], "person": bob.pk})
    assert ShareLink.objects.filter(revoked_at=None).count() == 3

    client.post(f"{URL}revoke", {"person": bob.pk, "all": "1"})
    assert ShareLink.objects.filter(revoked_at=None).count() == 0


def test_nobody_elses_link_is_revoked_by_a_member(as_, alice, bob, charlie, picture):
    link, _ = share(alice, picture)
    form = {"only": str(link.id)}

    assert as_(bob).post(f"{URL}revoke", form).status_code == 403
    assert as_(bob).post(f"{URL}revoke", {"person": alice.pk, "all": "1"}).status_code == 403
    assert as_(charlie).post(f"{URL}revoke", form).status_code == 404
    assert as_(charlie).post("/t/charlies/links/revoke", form, follow=True).status_code == 200
    assert outsider().post(f"{URL}revoke", form).status_code == 302
    assert as_(alice).get(f"{URL}revoke").status_code == 405
    assert ShareLink.objects.get().revoked_at is None


def test_nothing_chosen_says_so(as_, alice):
    response = as_(alice).post(f"{URL}revoke", {"link": ["nonsense"]}, follow=True)

    assert "Select at least one link" in response.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: Generation.objects.update(deleted_at=timezone.now()), "the picture is in the trash"),
        (lambda: Generation.objects.update(visibility=Visibility.PRIVATE), "the picture is private now"),
    ],
    ids=["trashed", "private"],
)
def test_link_that_shows_nothing_for_now_says_why(as_, alice, bob, picture, change, words):
    share(bob, picture)

    change()

    assert words in html_of(as_(alice))
    assert "No inactive links" in html_of(as_(alice), "?ended")


def purge():
    Generation.objects.update(deleted_at=timezone.now(), purged_at=timezone.now())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: Membership.objects.filter(user__name="Bob").delete(), "its creator left the team"),
        (lambda: User.objects.filter(name="Bob").update(is_active=False), "its creator left the team"),
        (lambda: User.objects.filter(name="Bob").delete(), "its creator&#x27;s account was deleted"),
        (
            lambda: Membership.objects.filter(user__name="Bob").update(role=Role.VIEWER),
            "its creator can no longer share",
        ),
        (purge, "the picture was permanently deleted"),
    ],
    ids=["left", "inactive", "account gone", "demoted", "purged"],
)
def test_dead_link_stands_under_ended_without_days(as_, alice, bob, picture, change, words):
    share(bob, picture)

    change()

    assert "No shared links" in html_of(as_(alice))
    html = html_of(as_(alice), "?ended")
    assert "<p>Inactive</p>" in html
    assert words in html
    assert "days left" not in html


def test_dead_link_can_be_revoked_before_its_maker_comes_back(as_, alice, bob, team, picture):
    _, base = share(bob, picture)
    Membership.objects.filter(user=bob).delete()
    client = as_(alice)
    link = re.search(r'name="only" value="([^"]+)"', html_of(client, "?ended")).group(1)

    client.post(f"{URL}revoke", {"only": link})

    Membership.objects.create(user=bob, team=team, role=Role.MEMBER)
    assert outsider().get(base).status_code == 404
    assert 'name="only"' not in html_of(client, "?ended")


def test_every_link_stands_in_one_of_the_two_lists(as_, alice, bob, team, picture):
    mia = make_person("Mia", team)
    dead, _ = share(mia, picture)
    asleep, _ = share(bob, draw(bob, team))
    Generation.objects.filter(id=asleep.generation_id).update(deleted_at=timezone.now())
    ended, _ = share(alice, picture)
    ShareLink.objects.filter(id=ended.id).update(revoked_at=timezone.now())
    kept, _ = share(alice, collect(alice, team, picture))
    Membership.objects.filter(user=mia).delete()

    found = [{row.id for row in links_page(team, alice, ended=one, cursor=Cursor()).rows} for one in (False, True)]

    assert found == [{kept.id, asleep.id}, {ended.id, dead.id}]


def test_words_of_a_picture_made_private_are_not_told_to_who_shared_it(as_, bob, picture):
    share(bob, picture)
    Generation.objects.update(visibility=Visibility.PRIVATE)

    html = html_of(as_(bob))

    assert "Private picture" in html
    assert "boats" not in html
    assert str(picture.id) not in html


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_one_and_three(as_, alice, bob, team, picture, number, django_assert_num_queries):
    for _ in range(number):
        share(bob, picture)
        share(bob, collect(bob, team, picture, name=f"Signs {ShareLink.objects.count()}"))
    client = as_(alice)
    client.get(URL)

    with django_assert_num_queries(QUERIES):
        client.get(URL)


def test_older_links_stand_on_the_next_page(as_, bob, picture, monkeypatch):
    monkeypatch.setattr("generations.queries.sharing.share_links.LINKS_A_PAGE", 2)
    for _ in range(3):
        share(bob, picture)

    first = html_of(as_(bob))
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]

    assert (first.count('name="only"'), as_(bob).get(older).content.decode().count('name="only"')) == (2, 1)


def test_visits_are_forgotten_after_90_days(bob, picture):
    link, base = share(bob, picture)
    outsider().get(base)
    ShareVisit.objects.create(link=link, visitor="old", at=timezone.now() - timedelta(days=91))

    assert delete_old_visits() == 1
    assert ShareVisit.objects.exclude(visitor="old").count() == 1

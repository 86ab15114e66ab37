"""Saved searches: one click, a name, who finds them, and what happens when a filter is gone."""

import pytest

from generations.errors import GalleryError
from generations.models import Collection, Generation, Role, SavedSearch, Visibility
from generations.queries.gallery.saved_searches import MAX_SAVED
from generations.services.gallery import saved_searches as service
from generations.services.gallery import tags
from tests.factories import make_person, order

pytestmark = pytest.mark.django_db
GALLERY = "/t/harbour/"


def finding(client, query=""):
    return client.get(GALLERY + query).context["finding"]


def names(client, query=""):
    return [(tab.label, tab.current) for tab in finding(client, query).tabs][2:]


@pytest.fixture
def saved(alice, team):
    return service.save(actor=alice, team=team, name="Boats", parameters={"q": "boat", "when": "last-week"})


def change(client, saved, **form):
    return client.post(f"{GALLERY}saved/{saved.pk}/change", form, follow=True).content.decode()


def test_search_is_saved_under_the_name_that_says_it(as_, alice, bob, team):
    client, query = as_(alice), f"?q=boat&person={bob.pk}&when=last-week&favourite=1"
    offer = finding(client, f"{query}&layout=grid")
    assert (offer.name, offer.save_url) == (
        "boat · Bob · Last week · Favourites",
        f"/t/harbour/saved/?q=boat&person={bob.pk}&favourite=1&when=last-week",
    )

    answer = client.post(offer.save_url, {"name": offer.name, "layout": "grid"})

    (saved,) = SavedSearch.objects.all()
    assert saved.parameters == {"q": "boat", "person": str(bob.pk), "favourite": "1", "when": "last-week"}
    assert (saved.author, saved.shared) == (alice, False)
    assert answer["Location"] == f"/t/harbour/?q=boat&person={bob.pk}&favourite=1&when=last-week&layout=grid"
    assert names(client, query) == [(saved.name, True)]
    assert finding(client, query).save_url == ""
    assert names(client, "?q=other") == [(saved.name, False)]


def test_only_what_a_search_understands_is_kept(as_, alice, team):
    as_(alice).post("/t/harbour/saved/?q=boat&next=//evil.test&from=yesterday&speed=warp", {"name": "Boats"})

    assert SavedSearch.objects.get().parameters == {"q": "boat"}


def test_opened_it_leads_to_the_gallery_and_keeps_the_layout(as_, alice, saved):
    answer = as_(alice).get(f"/t/harbour/saved/{saved.pk}/?layout=list")

    assert answer["Location"] == "/t/harbour/?q=boat&when=last-week&layout=list"


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("", "Nothing", "Set a filter or enter a search term first"),
        ("?q=boat&when=last-week", "Again", "This search is already saved as “Boats”."),
        ("?q=sea", " ", "Enter a name for the search."),
        ("?q=sea", "x" * 61, "The name has 61 characters; the maximum is 60. Shorten it."),
    ],
)
def test_what_cannot_be_saved_says_why(as_, alice, saved, query, name, sentence):
    answer = as_(alice).post(f"/t/harbour/saved/{query}", {"name": name}, follow=True)

    assert sentence in answer.content.decode()
    assert SavedSearch.objects.count() == 1


def test_there_is_a_most_of_one_person_and_of_what_a_team_shares(alice, bob, team):
    rows = [SavedSearch(team=team, author=alice, name=f"{n}", parameters={"q": f"{n}"}, shared=True) for n in range(30)]
    SavedSearch.objects.bulk_create(rows)

    with pytest.raises(GalleryError, match=f"You already have {MAX_SAVED} saved searches"):
        service.save(actor=alice, team=team, name="More", parameters={"q": "more"})
    own = service.save(actor=bob, team=team, name="Bob's", parameters={"q": "more"})
    with pytest.raises(GalleryError, match=f"The team already shares {MAX_SAVED} searches"):
        service.change(saved=own, name="Bob's", shared=True)


def test_shared_with_the_team_everybody_finds_it(as_, alice, bob, vera, saved):
    assert names(as_(bob)) == []
    assert as_(bob).get(f"/t/harbour/saved/{saved.pk}/").status_code == 404

    said = change(as_(alice), saved, name="All boats", shared="on")

    assert "“All boats” saved. The team can see it." in said
    assert names(as_(bob)) == names(as_(vera)) == [("All boats", False)]
    assert finding(as_(bob)).tabs[2].shared_by == "Alice"


def test_viewers_keep_their_own_and_share_none(as_, vera, bob, team):
    own = service.save(actor=vera, team=team, name="Mine", parameters={"q": "sea"})
    change(as_(vera), own, name="Still mine", shared="on")

    own.refresh_from_db()
    assert (own.name, own.shared) == ("Still mine", False)


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.MEMBER, 403), (Role.MANAGER, 302)])
@pytest.mark.parametrize("action", ["change", "delete"])
def test_what_others_share_is_changed_by_managers(as_, team, saved, role, status, action):
    SavedSearch.objects.update(shared=True)
    client = as_(make_person("Maria", team, role))

    assert client.post(f"/t/harbour/saved/{saved.pk}/{action}", {"name": "New", "shared": "on"}).status_code == status
    assert finding(client, "?q=boat&when=last-week").may_change == (status == 302 and action == "change")


@pytest.mark.parametrize("action", ["", "change", "delete"])
def test_other_teams_and_other_people_find_nothing(as_, bob, charlie, saved, action):
    for client in (as_(bob), as_(charlie)):
        send = client.post if action else client.get
        assert send(f"/t/harbour/saved/{saved.pk}/{action}", {"name": "Mine now"}).status_code == 404
        assert send(f"/t/charlies/saved/{saved.pk}/{action}", {"name": "Mine now"}).status_code == 404


def test_tag_on_what_is_hidden_is_as_gone_as_one_that_never_was(as_, alice, bob, team):
    (secret,) = order(alice, team)
    Generation.objects.filter(id=secret.id).update(visibility="private")
    tags.add(actor=alice, team=team, words=["merger"], generations=[secret])
    saved = [service.save(actor=bob, team=team, name=word, parameters={"tag": word}) for word in ("merger", "nothing")]

    assert {as_(bob).get(f"/t/harbour/saved/{one.pk}/").status_code for one in saved} == {200}
    theirs = service.save(actor=alice, team=team, name="Merger", parameters={"tag": "merger"})
    assert as_(alice).get(f"/t/harbour/saved/{theirs.pk}/").status_code == 302


def test_filter_that_is_gone_says_so_instead_of_showing_more(as_, alice, team):
    folder = Collection.objects.create(team=team, name="Boats", author=alice)
    words = {"q": "boat", "collection": str(folder.pk), "tag": "sea"}
    saved = service.save(actor=alice, team=team, name="Both", parameters=words)
    folder.delete()
    client = as_(alice)

    answer = client.get(f"/t/harbour/saved/{saved.pk}/")

    assert "It uses filters that no longer exist: collection, tag." in answer.content.decode()
    assert answer.context["rest_url"] == "/t/harbour/?q=boat"
    client.post(f"/t/harbour/saved/{saved.pk}/delete")
    assert not SavedSearch.objects.exists()


def test_what_she_may_not_see_is_as_what_is_nowhere(as_, alice, bob, charlie, team):
    """Otherwise they could probe for tags of private pictures and for accounts of other teams."""
    (hidden,) = order(alice, team)
    tags.add(actor=alice, team=team, words=["secret"], generations=[hidden])
    words = {"tag": "secret", "person": str(charlie.pk)}
    saved = service.save(actor=alice, team=team, name="Both", parameters=words)
    SavedSearch.objects.update(shared=True)

    def lost(person):
        return as_(person).get(f"/t/harbour/saved/{saved.pk}/").context["lost"]

    assert (lost(alice), lost(bob)) == ("creator", "creator")
    Generation.objects.update(visibility=Visibility.PRIVATE)
    assert (lost(alice), lost(bob)) == ("creator", "creator, tag")


def test_search_that_folds_the_same_is_the_saved_one(as_, alice, team):
    client, saved = as_(alice), service.save(actor=alice, team=team, name="Tea", parameters={"q": "Café", "tag": "tee"})

    assert finding(client, "?q=cafe&tag=Tée").open == saved
    assert finding(client, "?q=cafes&tag=tee").open is None
    with pytest.raises(GalleryError, match="already saved as “Tea”"):
        service.save(actor=alice, team=team, name="Again", parameters={"q": "CAFÉ", "tag": "tee"})


def test_name_keeps_what_joins_its_letters(alice, team):
    assert service.clean_name(" می\u200cکنم\u202e ") == "می\u200cکنم"
    with pytest.raises(GalleryError, match="Enter a name for the search"):
        service.clean_name("\u200d")


def test_saved_searches_are_sorted_by_their_letters(as_, alice, team):
    for name in ("zoo", "Äpfel", "apfelbaum", "Über", "Tee"):
        service.save(actor=alice, team=team, name=name, parameters={"q": name})

    assert [name for name, _ in names(as_(alice))] == ["Äpfel", "apfelbaum", "Tee", "Über", "zoo"]

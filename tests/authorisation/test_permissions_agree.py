"""The table of roles and verbs, the query sets and the views agree about every picture and user."""

import itertools

import pytest
from django.utils import timezone

from generations.models import Generation, Membership, Role, SavedSearch, ShareLink, State, Tag, Visibility
from generations.permissions import Verb, allows, may_change_saved_search, may_edit
from generations.queries.activity.activity import activity_page
from generations.queries.gallery.gallery import GallerySearch, search_generations, trash_page
from generations.queries.orders.queue import team_queue
from generations.queries.site.keyset import Cursor
from tests.authorisation.database import taken_back
from tests.factories import make_person, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
STATES = ("done", "queued", "trash")
KINDS = list(itertools.product(Visibility.values, ("own", "other"), STATES))
ROLES = [None, *Role.values]
# A verb, and a request that needs nothing but this verb.
ASKED = {
    Verb.VIEW: ("get", "/t/harbour/", {}),
    Verb.FAVOURITE: ("post", "/g/{picture}/favourite", {}),
    Verb.CREATE: ("post", "/t/harbour/generations/", {"prompt": "words"}),
    Verb.EDIT_OWN: ("post", "/g/{own}/delete", {}),
    Verb.ORGANISE: ("post", "/t/harbour/collections/", {"name": "Another"}),
    Verb.SHARE: ("get", "/g/{picture}/share", {}),
    Verb.COMMENT: ("post", "/g/{picture}/comments/", {"text": "words"}),
    Verb.EDIT_ANY: ("post", "/g/{picture}/delete", {}),
    Verb.SETTLE: ("post", "/g/{picture}/mark-lost", {"reason": "because"}),
    Verb.MERGE_TAGS: ("post", "/t/harbour/tags/{tag}/rename", {"name": "another"}),
    Verb.SHARE_ANY: ("post", "/t/harbour/links/revoke", {"only": "{link}"}),
    Verb.MODERATE: ("get", "/t/harbour/reports/", {}),
    Verb.REVIEW: ("get", "/t/harbour/credits/limits/", {}),
    Verb.LIMIT: ("post", "/t/harbour/credits/limits/", {"of": "team", "span": "day", "hard": "5"}),
    Verb.INVITE: ("post", "/t/harbour/people/", {"role": "viewer"}),
    Verb.OWN: ("post", "/t/harbour/people/team", {"name": "Harbour", "default_visibility": "team"}),
}


@pytest.fixture
def carol(team):
    return make_person("Carol", team, Role.OWNER)


@pytest.fixture
def person(team):
    return make_person("Pia", team)


def put(person, team, role):
    """Give the user this role, or none; their pictures are from the time when they were a member."""
    Membership.objects.filter(user=person, team=team).update(**({"role": role} if role else {}))
    if role is None:
        Membership.objects.filter(user=person, team=team).delete()


def in_state(row, visibility, state):
    changes = {
        "queued": {}, "done": {"state": State.DONE, "finished_at": timezone.now()},
        "trash": {"state": State.DONE, "finished_at": timezone.now(), "deleted_at": timezone.now()},
    }[state]  # fmt: skip
    Generation.objects.filter(id=row.id).update(visibility=visibility, **changes)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("role", ROLES)
def test_table_query_sets_and_views_agree_about_every_picture(as_, carol, person, team, role):
    authors = {"own": person, "other": carol}
    rows = {kind: in_state(order(authors[kind[1]], team)[0], kind[0], kind[2]) for kind in KINDS}
    put(person, team, role)
    client = as_(person)

    def seen(visibility, whose, state):
        return allows(role, Verb.VIEW) and (visibility == "team" or whose == "own" or allows(role, Verb.EDIT_ANY))

    told = {kind for kind in KINDS if seen(*kind)}
    ids = {row.id: kind for kind, row in rows.items()}

    def kinds(found):
        return {ids[row.id] for row in found}

    assert kinds(Generation.objects.visible_to(person)) == told
    assert kinds(search_generations(team, GallerySearch(), person)) == {kind for kind in told if kind[2] != "trash"}
    assert kinds(trash_page(team, person, Cursor()).rows) == {kind for kind in told if kind[2] == "trash"}
    assert kinds(team_queue(team, person)) == {kind for kind in told if kind[2] == "queued"}
    shown = {kind for kind in told if kind[2] == "done"}
    assert {ids[row.id] for act in activity_page(team, person, None)[0] for row in act.generations} == shown
    for kind, row in rows.items():
        may = 302 if may_edit(role, person, row) else 403
        shows = 302 if kind[2] != "done" else 200
        answers = {
            "get ": 200, "post delete": may, "post restore": may, "post cancel": may, "post look-up": may,
            "post favourite": 302 if allows(role, Verb.FAVOURITE) else 403,
            "post mark-lost": 302 if allows(role, Verb.SETTLE) else 403,
            "get share": shows if allows(role, Verb.SHARE) else 403,
            "post comments/": 302 if allows(role, Verb.COMMENT) else 403,
            "post viewed": 204,
        }  # fmt: skip
        expected = answers if kind in told else dict.fromkeys(answers, 404)
        assert {asked: status(client, row, *asked.split(" ")) for asked in answers} == expected, kind


def status(client, row, method, action):
    with taken_back():
        return getattr(client, method)(f"/g/{row.id}/{action}").status_code


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("whose", ["own", "other"])
def test_saved_search_is_changed_by_those_whom_the_table_names(as_, carol, person, team, role, shared, whose):
    words = {"name": "Signs", "parameters": {"q": "signs"}, "shared": shared}
    saved = SavedSearch.objects.create(team=team, author=person if whose == "own" else carol, **words)
    put(person, team, role)
    found = role is not None and (shared or whose == "own")
    expected = (302 if may_change_saved_search(role, person, saved) else 403) if found else 404

    for action in ("change", "delete"):
        with taken_back():
            answer = as_(person).post(f"/t/harbour/saved/{saved.pk}/{action}", {"name": "Another"})
        assert answer.status_code == expected


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", Verb)
def test_view_asks_for_the_verb_that_the_table_has(as_, carol, person, team, role, verb):
    picture, own = (in_state(order(author, team)[0], "team", "done") for author in (carol, person))
    tag = Tag.objects.create(team=team, name="sea")
    link = ShareLink.objects.create(team=team, creator=carol, generation=picture, token_hash="x")
    put(person, team, role)
    method, url, data = ASKED[verb]
    named = {"picture": picture.id, "own": own.id, "tag": tag.pk, "link": link.pk}

    answer = getattr(as_(person), method)(
        url.format(**named), {name: value.format(**named) for name, value in data.items()}
    )

    assert (answer.status_code in {403, 404}) is not allows(role, verb)
    assert (answer.status_code == 404) is (role is None)

"""What the team has paid for already is shown instead of being drawn and charged again."""

import uuid
from urllib.parse import urlsplit

import pytest

from generations.models import Generation, State, Visibility
from tests.factories import draw, order

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def post(as_, bob, team, emulator):
    def send(who=bob, headers=None, **fields):
        form = {"prompt": "a quiet harbour", "seed": "41", "client_key": str(uuid.uuid4()), **fields}
        return as_(who).post("/t/harbour/generations/", form, headers=headers or {})

    return send


def words(response):
    """Return the page on one line, as a browser reads it."""
    return " ".join(response.content.decode().split())


def test_same_words_and_seed_bring_the_picture_and_what_it_saves(post, alice, team):
    row = draw(alice, team, seed="41")

    answer = post()

    page = words(answer)
    assert answer.status_code == 409
    assert f'href="/g/{row.id}/"> Open picture' in page
    assert "You already have this picture." in page
    assert 'save <span class="nowrap">≈ $0.015' in page
    assert ">\na quiet harbour</textarea>" in answer.content.decode()
    assert Generation.objects.count() == 1


def test_htmx_gets_the_form_with_it(post, alice, team):
    draw(alice, team, seed="41")

    answer = post(headers=HTMX)

    assert answer.status_code == 409
    assert 'hx-swap-oob="outerHTML"' in answer.content.decode()
    assert "You already have this picture." in answer.content.decode()


def test_anyway_draws_it_again(post, alice, team):
    draw(alice, team, seed="41")

    answer = post(**{"x-anyway": "1"})

    assert (answer.status_code, urlsplit(answer["Location"]).path) == (302, "/t/harbour/")
    assert Generation.objects.filter(seed=41).count() == 2


def test_seeds_that_count_up_are_looked_for_each(post, alice, team):
    draw(alice, team, seed="42")
    draw(alice, team, seed="44")

    page = words(post(count="4"))

    assert "You already have 2 of these 4 pictures" in page
    assert "with seeds 42, 44" in page
    assert "2 would be new" in page
    assert "Generate all 4 anyway" in page


@pytest.mark.parametrize(
    "changed", [{"seed": "43"}, {"seed": ""}, {"prompt": "a loud harbour"}, {"speed_mode": "juiced"}]
)
def test_anything_else_is_another_picture(post, alice, team, changed):
    draw(alice, team, seed="41")

    assert post(**changed).status_code == 302


@pytest.mark.parametrize("hidden", [{"visibility": Visibility.PRIVATE}, {"deleted_at": "2026-01-01T00:00Z"}])
def test_picture_that_the_person_does_not_see_is_not_told(post, alice, team, hidden):
    row = draw(alice, team, seed="41")
    Generation.objects.filter(id=row.id).update(**hidden)

    assert post().status_code == 302


def test_what_still_waits_or_is_another_teams_is_not_told(post, alice, charlie, team):
    order(alice, team, seed="41")
    draw(charlie, charlie.teams.get(), seed="41")

    assert post().status_code == 302


def test_form_that_is_sent_twice_is_no_second_wish(post, bob, team):
    key = str(uuid.uuid4())
    post(client_key=key)
    Generation.objects.update(state=State.QUEUED)
    row = Generation.objects.get()
    draw(bob, team, seed="41")

    assert post(client_key=key).status_code == 302
    assert Generation.objects.exclude(id=row.id).count() == 1

"""A prompt is taken, or comes back with its text and a sentence."""

import json
import re
import uuid
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.urls import reverse

from generations import schema
from generations.models import Budget, Collection, Generation, LedgerEntry, State, Team, format_estimate
from generations.services.collections import collections
from generations.services.orders.blocked_words import set_blocked_words
from tests.factories import draw

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def post(as_, bob, team):
    client = as_(bob)

    def send(*, headers=None, **fields):
        form = {"prompt": "a quiet harbour", "client_key": str(uuid.uuid4()), **fields}
        return client.post(reverse("create", args=[team.slug]), form, headers=headers or {})

    return send


def test_order_is_queued_and_the_browser_goes_back_to_the_gallery(post, bob, team):
    response = post(resolution="1360 \u00d7 768 (Landscape)", speed_mode="juiced", count="2", seed="41")

    assert (response.status_code, response["Location"]) == (302, "/t/harbour/")
    rows = list(Generation.objects.order_by("id"))
    assert [(row.state, row.author, row.team, row.size, row.seed) for row in rows] == [
        (State.QUEUED, bob, team, "1360x768", 41),
        (State.QUEUED, bob, team, "1360x768", 42),
    ]


def test_order_by_htmx_answers_with_the_waiting_card_and_a_new_form_key(post):
    key = str(uuid.uuid4())

    response = post(headers=HTMX, client_key=key)

    html, row = response.content.decode(), Generation.objects.get()
    assert (response.status_code, response["HX-Replace-Url"]) == (200, "/t/harbour/")
    assert f'id="g-{row.id}"' in html
    assert "<html" not in html
    assert key not in html


def test_new_card_comes_under_todays_heading_and_the_cards_below_it_are_not_sent_again(post, as_, bob, team):
    post()
    page = as_(bob).get("/t/harbour/").context
    (before,) = page["feed"].cards

    response = post(headers=HTMX, **{"x-day": page["feed"].top_day, "x-watched": page["live"].ids})

    html, new = response.content.decode(), Generation.objects.latest("id")
    assert f'id="day-{page["feed"].top_day}" hx-swap-oob="delete"' in html
    assert html.count(f'class="day" id="day-{page["feed"].top_day}"') == 1
    assert f'id="g-{new.id}"' in html
    assert f'id="{before.dom_id}"' not in html
    assert response.context["live"].ids == f"{new.id},{before.id}"
    assert response.context["figures"].count_text == "2 pictures"
    assert as_(bob).get(response.context["live"].url).status_code == 200  # how the older card looks there is unknown


@pytest.mark.parametrize("day", ["", "2026-01-02", "<b>"])
def test_page_without_todays_heading_gets_the_gallery_from_the_new_card_on(post, as_, bob, team, day):
    post()
    (before,) = Generation.objects.all()

    response = post(headers=HTMX, **{"x-day": day})

    html, new = response.content.decode(), Generation.objects.latest("id")
    assert all(f'id="{name}"' in html for name in ("feed", "filters", "act", f"g-{new.id}"))
    assert f'id="g-{before.id}"' not in html
    older = as_(bob).get(response.context["gallery"].feed.older_url, headers=HTMX)
    assert [card.id for card in older.context["feed"].cards] == [str(before.id)]


def test_form_sent_twice_orders_once(post):
    key = str(uuid.uuid4())

    assert [post(client_key=key).status_code for _ in range(2)] == [302, 302]
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"prompt": ""}, "Prompt is empty. Enter a few words."),
        ({"prompt": " \n\t "}, "Prompt is empty. Enter a few words."),
        ({"prompt": "x" * 2001}, "Prompt has 2,001 characters; the maximum is 2,000. Shorten it."),
        ({"prompt": "a\x07b"}, "Prompt contains the invisible character U+0007. Delete it and try again."),
        ({"prompt": "a\0b"}, "Prompt contains the invisible character U+0000. Delete it and try again."),
        ({"resolution": "9 \u00d7 9"}, "Size can&#x27;t be"),
        ({"speed_mode": "Warp"}, "Speed can&#x27;t be"),
        ({"output_format": "gif"}, "Format can&#x27;t be"),
        ({"output_quality": "0"}, "Quality must be from 1 to 100; 0 is out of range."),
        ({"output_quality": "101"}, "Quality must be from 1 to 100; 101 is out of range."),
        ({"output_quality": "abc"}, "Quality must be a whole number"),
        ({"seed": "2147483648"}, "Seed must be from -1 to 2,147,483,647; 2,147,483,648 is out of range."),
        ({"count": "0"}, "Enter a number from 1 to 8."),
        ({"count": "9"}, "Enter a number from 1 to 8."),
        ({"count": "1000000000"}, "Enter a number from 1 to 8."),
        ({"model_type": "full"}, "Model type can&#x27;t be"),
        ({"negative_prompt": "x"}, "has no parameter"),
        ({"client_key": "damaged"}, "This form has expired"),
    ],
)
def test_bad_input_is_refused_with_its_sentence_and_nothing_is_stored(post, fields, sentence):
    response = post(**{"prompt": "my own words", "seed": "77", **fields})

    html = response.content.decode()
    assert response.status_code == 422
    assert sentence in html
    assert ("my own words" in html) or "prompt" in fields
    assert ('value="77"' in html) or "seed" in fields
    assert not Generation.objects.exists()


def test_bad_input_by_htmx_is_refused_with_the_form_alone(post):
    response = post(headers=HTMX, prompt="my own words", seed="x")

    html = response.content.decode()
    assert response.status_code == 422
    assert "Seed must be a whole number" in html
    assert "my own words" in html
    assert "<html" not in html
    assert not Generation.objects.exists()


def test_lone_surrogate_is_never_stored(as_, bob, team):
    """Broken UTF-8 in a form is read as replacement characters, so it cannot arrive as a surrogate."""
    body, kind = b"prompt=a%ED%A0%80b", "application/x-www-form-urlencoded"

    response = as_(bob).post(reverse("create", args=[team.slug]), body, content_type=kind)

    assert response.status_code == 302
    assert json.dumps(Generation.objects.get().prompt) == '"a\\ufffd\\ufffd\\ufffdb"'


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_runaway_order_is_a_429_that_keeps_the_text_and_the_key(post, headers):
    for _ in range(25):
        post(count="8")
    key = uuid.uuid4()

    response = post(headers=headers, prompt="my own words", client_key=str(key))

    html, composer = response.content.decode(), response.context["composer"]
    assert (response.status_code, composer.client_key) == (429, key)
    assert "You already have 200 pictures in progress" in html
    assert "my own words" in html
    assert Generation.objects.count() == 200


def test_answer_says_what_is_left_of_the_limit_now(post, as_, bob, team):
    Budget.objects.create(team=team, hard=Decimal("1.00"))
    assert "$1.00 left of $1.00 this month" in as_(bob).get("/t/harbour/").content.decode()

    html = post(headers=HTMX, count="2").content.decode()

    assert "$0.97 left of $1.00 this month" in html


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_order_beyond_the_teams_limit_is_a_402_that_says_so_at_the_button_and_keeps_the_text(post, team, headers):
    Budget.objects.create(team=team, hard=Decimal("0.02"))

    response = post(headers=headers, prompt="my own words", count="2")

    html = response.content.decode()
    assert response.status_code == 402
    assert "my own words" in html
    assert (
        html.index("data-send")
        < html.index(
            "This request needs about $0.0304, but only $0.0200 of the monthly limit of Harbour team ($0.02) is left."
        )
        < html.index("</form>", html.index("data-send"))
    )
    assert 'aria-describedby="composer-errors price-hint"' in html
    assert "composer-note composer-limit" not in html
    assert not Generation.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_key_that_comes_with_another_order_is_a_409_that_keeps_the_text_and_gets_a_fresh_key(post, headers):
    key = uuid.uuid4()
    post(client_key=str(key))

    response = post(headers=headers, client_key=str(key), prompt="my own words")

    composer = response.context["composer"]
    assert response.status_code == 409
    assert composer.client_key != key
    assert len(composer.errors) == 1
    assert "my own words" in response.content.decode()
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("query", ["", "?layout=grid"])
def test_address_of_the_form_leads_a_reader_to_the_gallery(as_, bob, vera, team, query):
    for person in (bob, vera):
        response = as_(person).get(f"/t/harbour/generations/{query}")
        assert (response.status_code, response["Location"]) == (302, f"/t/harbour/{query}")


def test_forms_of_a_refused_page_lead_to_an_address_that_can_be_opened(post):
    html = post(prompt="").content.decode()

    assert 'name="next" value="/t/harbour/"' in html
    assert 'name="next" value="/t/harbour/generations/' not in html


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_order_keeps_the_layout_and_drops_the_filter(as_, bob, team, headers):
    client = as_(bob)
    action = client.get("/t/harbour/?layout=grid&q=zebra").context["composer"].action
    assert action == "/t/harbour/generations/?layout=grid"

    response = client.post(action, {"prompt": "a quiet harbour"}, headers=headers)

    assert (response.get("Location") or response.get("HX-Replace-Url")) == "/t/harbour/?layout=grid"
    if headers:
        assert response.context["feed"].layout == "grid"
        assert 'name="next" value="/t/harbour/?layout=grid"' in response.content.decode()


def test_markup_in_a_prompt_is_shown_as_text(post, as_, bob):
    post(prompt='<script>alert("x")</script>')

    html = as_(bob).get("/t/harbour/").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_refused_form_gets_a_whole_key_in_place_of_a_damaged_one(post):
    response = post(client_key="damaged")

    key = response.context["composer"].client_key
    assert uuid.UUID(str(key))


def test_refused_form_keeps_its_key(post):
    key = uuid.uuid4()

    response = post(client_key=str(key), prompt="")

    assert uuid.UUID(str(response.context["composer"].client_key)) == key


def test_refused_page_shows_the_pictures_as_well(post, alice, team, emulator):
    picture = draw(alice, team)

    assert f'id="g-{picture.id}"' in post(prompt="").content.decode()


@pytest.mark.parametrize("how", ["remix", "use", "seed_of"])
def test_earlier_picture_fills_the_form(as_, alice, bob, team, emulator, how):
    earlier = draw(alice, team, prompt="two boats", resolution="768x1360", seed="99")

    composer = as_(bob).get(f"/t/harbour/?{how}={earlier.id}").context["composer"]

    values = {view.name: view.value for view in composer.parameters}
    assert values["prompt"] == ("" if how == "seed_of" else "two boats")
    assert values["seed"] == ("-1" if how == "remix" else "99")
    assert values["resolution"].startswith("1024" if how == "seed_of" else "768")
    assert composer.remix_of.url == f"/g/{earlier.id}/"


@pytest.mark.parametrize("value", ["", "abc", "0b5c1d9e-3f0a-4a57-9a51-0d5c33f7c8aa", "1" * 400])
def test_picture_that_is_not_there_fills_nothing(as_, bob, team, value):
    composer = as_(bob).get("/t/harbour/", {"remix": value}).context["composer"]

    assert composer.remix_of is None


def test_strangers_picture_fills_nothing(as_, bob, charlie, team, emulator):
    foreign = draw(charlie, charlie.teams.get(), prompt="a secret")

    response = as_(bob).get(f"/t/harbour/?use={foreign.id}")

    assert response.context["composer"].remix_of is None
    assert b"a secret" not in response.content


def test_prompt_that_waits_is_not_given_away_by_its_address(as_, alice, bob, team, post):
    post(prompt="a surprise")
    waiting = Generation.objects.get()

    assert b"a surprise" not in as_(alice).get(f"/t/harbour/?use={waiting.id}").content
    assert b"a surprise" in as_(bob).get(f"/t/harbour/?use={waiting.id}").content


def test_viewer_gets_no_composer(as_, vera, team):
    assert as_(vera).get("/t/harbour/").context["composer"] is None


def test_button_says_the_price_and_form_its_limits(as_, bob, team):
    composer = as_(bob).get("/t/harbour/").context["composer"]

    assert (composer.price.each, composer.price.text, composer.max_count) == ("0.0152127097", "≈ $0.015", 8)
    assert [(one.range, one.shown) for one in composer.expected] == [
        ("10–17 s", False), ("7–13 s", True), ("5–9 s", False), ("3–7 s", False),
    ]  # fmt: skip


@pytest.fixture
def second_model(monkeypatch):
    """As if its file had been dropped into the folder."""
    model = schema.read(Path(__file__).parents[2] / "schema" / "made_up.json")
    monkeypatch.setitem(schema.load(), model.id, model)
    return model


def test_chosen_model_and_layout_outlive_filter_forms_and_an_order(as_, bob, team, second_model):
    client = as_(bob)
    page = client.get("/t/harbour/?model=made-up&layout=grid").context
    assert page["filters"].hidden == [("layout", "grid"), ("model", "made-up")]
    assert [one.url for one in page["composer"].models] == [
        "/t/harbour/?layout=grid&model=hidream-l1-fast", "/t/harbour/?layout=grid&model=made-up",
    ]  # fmt: skip

    response = client.post(page["composer"].action, {"x-model": "made-up", "text": "two boats", "ink": "#aa00ff"})

    assert (response.status_code, response["Location"]) == (302, "/t/harbour/?layout=grid&model=made-up")
    assert Generation.objects.get().model == "made-up"


def test_prompt_with_wildcards_is_not_sent_but_leads_to_its_batch(post):
    response = post(prompt="a {red|blue} boat", count="2")

    html = response.content.decode()
    price = format_estimate(4 * schema.get().list_price)
    assert response.status_code == 422
    assert f"This prompt has wildcards: 4 pictures · {price}. Review the batch before you generate it." in html
    assert re.search(r'value="review"\s+formaction="/t/harbour/parameter-grid/"', html)
    assert not Generation.objects.exists()


def test_escaped_braces_are_sent_as_braces_and_come_back_escaped(post, as_, bob):
    post(prompt=r"a \{red|blue\} boat")

    row = Generation.objects.get()
    assert row.prompt == row.parameters["prompt"] == "a {red|blue} boat"
    page = as_(bob).get(f"/t/harbour/?remix={row.id}").content.decode()
    assert r"a \{red\|blue\} boat</textarea>" in page


def test_blocked_word_is_an_error_of_the_prompt_for_a_remix_too(post, alice, team):
    set_blocked_words(actor=alice, team=team, words=["harbour"])

    for headers in ({}, HTMX):
        response = post(headers=headers)

        html = response.content.decode()
        assert response.status_code == 422
        error = "Your team doesn't allow “harbour” in prompts. Edit the prompt and try again."
        assert f'id="composer-prompt-error">{error}</p>' in unescape(html)
    assert not Generation.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("has_collections", [True, False])
def test_missing_cost_centre_is_an_error_of_the_collection_and_nothing_typed_is_lost(
    post, alice, team, headers, has_collections
):
    Team.objects.update(cost_centre_required=True)
    if has_collections:
        collections.create(actor=alice, team=team, name="Menus")

    response = post(headers=headers, prompt="a boat of mine", seed="41", count="3")

    page, composer = unescape(response.content.decode()), response.context["composer"]
    error = "Harbour team requires a cost centre. Choose a collection that has one, or ask an owner to set one for "
    error += "the team."
    assert (response.status_code, page.count(error)) == (422, 1)
    assert (f'id="composer-collection-error">{error}</p>' in page) is has_collections
    assert (composer.settings_open, composer.is_open) == (has_collections, True)
    assert composer.errors == ([] if has_collections else [error])
    assert all(typed in page for typed in ("a boat of mine</textarea>", 'value="41"', 'value="3"'))
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_list_of_collections_names_their_cost_centres_and_one_of_them_is_the_way_out(post, alice, team):
    Team.objects.update(cost_centre_required=True)
    menus, posters = (collections.create(actor=alice, team=team, name=name) for name in ("Menus", "Posters"))
    Collection.objects.filter(pk=posters.pk).update(cost_centre="4711")

    refused = post(collection=str(menus.pk))
    response = post(collection=str(posters.pk))

    assert [(one.label, one.chosen) for one in refused.context["composer"].collections] == [
        ("Menus", True), ("Posters · 4711", False),
    ]  # fmt: skip
    assert response.status_code == 302
    assert Generation.objects.get().cost_centre == "4711"

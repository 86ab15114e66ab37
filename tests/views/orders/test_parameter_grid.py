"""Several seeds, sizes and speeds: the table first, then the request, one picture for each cell."""

import re
import uuid
from decimal import Decimal
from html import unescape
from urllib.parse import urlsplit

import pytest

from generations import ledger, schema
from generations.models import ApprovalRequest, Collection, Generation, LedgerEntry, State, Team, Visibility
from generations.services.collections import collections
from generations.services.orders.blocked_words import set_blocked_words
from tests.factories import draw, order

pytestmark = pytest.mark.django_db
PRICE = schema.get().list_price
URL = "/t/harbour/parameter-grid/"
FORM = {
    "prompt": "a quiet harbour", "x-sizes": ["1024x1024", "1360x768"], "x-speeds": ["juiced", "extra-juiced"],
    "x-seeds": "7, 42", "x-do": "plan",
}  # fmt: skip


@pytest.fixture
def post(as_, bob, team):
    client = as_(bob)

    def send(**fields):
        return client.post(URL, {"client_key": str(uuid.uuid4()), **FORM, **fields})

    return send


def table(answer):
    """Return the fields that a browser would send back from the page."""
    html = answer.content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="(client_key|x-[^"]+)" value="([^"]*)"', html))
    taken = re.findall(r'name="x-take" value="([^"]+)"[^>]* checked', html)
    return {**sent, "x-take": taken, "x-do": "order"}


def test_empty_form_has_one_of_each_ticked(as_, bob):
    page = as_(bob).get(URL).content.decode()

    assert len(re.findall(r'name="x-sizes" value="[^"]+" checked', page)) == 1
    assert len(re.findall(r'name="x-speeds" value="[^"]+" checked', page)) == 1


def test_plan_shows_every_cell_with_its_price_and_orders_nothing(post):
    answer = post()

    plan = answer.context["plan"]
    assert answer.status_code == 200
    assert [(row.key, row.taken) for row in plan.rows][:3] == [
        ("1024x1024/juiced/7", True), ("1024x1024/juiced/42", True), ("1024x1024/extra-juiced/7", True),
    ]  # fmt: skip
    assert (plan.many, Decimal(plan.total)) == ("8 pictures", 8 * PRICE)
    assert plan.takes
    assert "Up to 45 are sent per minute, and a worker generates 32 at once." in plan.why
    assert not Generation.objects.exists()


def test_order_is_one_batch_with_holds_and_goes_to_its_page(post, bob):
    answer = post(**table(post()))

    rows = list(Generation.objects.order_by("position"))
    assert urlsplit(answer["Location"]).path == f"/t/harbour/batches/{rows[0].batch}/"
    assert len({row.batch for row in rows}) == 1
    assert [(row.size, row.speed, row.seed, row.seed_locked) for row in rows][:3] == [
        ("1024x1024", "juiced", 7, True), ("1024x1024", "juiced", 42, True), ("1024x1024", "extra-juiced", 7, True),
    ]  # fmt: skip
    assert LedgerEntry.objects.filter(kind="hold").count() == len(rows) == 8
    assert {row.author for row in rows} == {bob}


def test_batch_of_a_remix_remembers_its_picture(post, alice, team, emulator):
    source = draw(alice, team)

    post(**table(post(**{"x-remix-of": str(source.id)})))

    assert {row.remix_of for row in Generation.objects.exclude(id=source.id)} == {source}


def test_order_that_is_sent_twice_is_one_order(post):
    sent = table(post())

    first, second = post(**sent), post(**sent)

    assert first["Location"] == second["Location"]
    assert Generation.objects.count() == 8


def test_random_seeds_are_drawn_for_the_table_and_kept_for_the_order(post):
    planned = post(**{"x-seeds": "3 random"})
    keys = [row.key for row in planned.context["plan"].rows]

    again = post(**{**table(planned), "x-seeds": "3 random", "x-do": "plan"})
    post(**{**table(again), "x-seeds": "3 random"})

    assert len({key.rsplit("/")[-1] for key in keys}) == 3
    assert [row.key for row in again.context["plan"].rows] == keys
    assert {str(row.seed) for row in Generation.objects.all()} == {key.rsplit("/")[-1] for key in keys}


def test_cap_leaves_out_what_goes_beyond_it_and_it_is_not_ordered(post):
    cap = {"x-cap": "0.05"}
    planned = post(**cap)

    plan = planned.context["plan"]
    assert [row.taken for row in plan.rows] == [True] * 3 + [False] * 5
    assert plan.over_cap == "5 pictures"
    assert "Above your maximum" in planned.content.decode()
    post(**{**table(planned), **cap})
    assert Generation.objects.count() == 3


def test_cell_that_was_unticked_stays_out_and_makes_room_under_the_cap(post):
    sent = table(post(**{"x-cap": "0.05"}))
    sent["x-take"] = sent["x-take"][1:]

    plan = post(**{**sent, "x-cap": "0.05", "x-do": "plan"}).context["plan"]

    assert [row.taken for row in plan.rows] == [False] + [True] * 3 + [False] * 4


def test_what_the_team_has_is_left_out_unless_it_is_ticked(post, alice, team, emulator):
    row = draw(alice, team, seed="7", resolution="1024x1024", speed_mode="juiced")
    planned = post()

    first, *others = planned.context["plan"].rows
    assert (first.has, first.taken) == (f"/g/{row.id}/", False)
    assert not any(one.has for one in others)
    assert planned.context["plan"].saved == "≈ $0.015"
    assert "Already generated" in planned.content.decode()
    again = table(planned)
    again["x-take"].append(first.key)
    assert post(**again).status_code == 409  # it costs more than the table showed, so the table is shown again
    post(**table(post(**{**again, "x-do": "plan"})))
    assert Generation.objects.filter(seed=7, size="1024x1024", speed="juiced").count() == 2


def test_private_twin_of_somebody_else_is_not_told(post, alice, team, emulator):
    row = draw(alice, team, seed="7", resolution="1024x1024", speed_mode="juiced")
    Generation.objects.filter(id=row.id).update(visibility=Visibility.PRIVATE)

    assert all(one.taken and not one.has for one in post().context["plan"].rows)


def test_order_of_another_table_than_was_shown_is_shown_again(post):
    sent = table(post())

    answer = post(**{**sent, "prompt": "a loud harbour"})

    assert answer.status_code == 409
    assert "Check it again before you generate." in answer.content.decode()
    assert not Generation.objects.exists()


def test_nothing_ticked_orders_nothing(post):
    assert post(**{**table(post()), "x-take": []}).status_code == 409
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"x-seeds": "seven"}, "“seven” isn't a seed"),
        ({"x-seeds": "99999999999"}, "“99999999999” isn't a seed"),
        ({"x-seeds": "0 random"}, "Choose from 1 to 64 random seeds, not 0."),
        ({"x-seeds": "17 random"}, "This batch would have 68 pictures; the maximum is 64."),
        ({"x-sizes": []}, "Choose at least one size."),
        ({"x-cap": "much"}, "“much” isn't an amount"),
        ({"prompt": ""}, "Prompt is empty. Enter a few words."),
        ({"strength": "3"}, "strength"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(post, fields, said):
    answer = post(**{"x-seeds": "7", "x-cap": "0.5", **fields})

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert said in page
    for name, value in {"prompt": "a quiet harbour", **fields}.items():
        if isinstance(value, str) and name != "strength":
            assert value in page


def test_above_the_teams_limit_it_is_asked(post, team):
    team.approval_above = 3 * PRICE
    team.save()
    planned = post()

    assert planned.context["plan"].asks
    assert "Requests over $0.05 need a manager's approval. Nothing is charged until then." in unescape(
        planned.content.decode()
    )
    answer = post(**table(planned))

    asked = ApprovalRequest.objects.get()
    assert answer["Location"] == "/t/harbour/approvals/"
    assert (len(asked.cells), asked.estimate) == (8, 8 * PRICE)
    assert not Generation.objects.exists()


def test_page_of_the_batch_shows_each_cell_and_stops_the_rest(as_, bob, vera, team, emulator):
    rows = order(bob, team, count=3)
    Generation.objects.filter(id=rows[0].id).update(state=State.FAILED, finished_at="2026-01-01T00:00Z", cost="0.01")
    ledger.release(rows[0].id, 1)
    url = f"/t/harbour/batches/{rows[0].batch}/"

    page = as_(bob).get(url)

    assert page.context["states"] == "2 queued, 1 failed"
    assert [one.value for one in page.context["numbers"]] == ["$0.01", "≈ $0.03", "≈ $0.04"]
    assert [one.exact[:7] for one in page.context["numbers"]] == ["$0.0100", "$0.0304", "$0.0404"]
    assert as_(bob).get(url, headers={"HX-Request": "true"}).status_code == 200
    assert as_(vera).post(f"{url}stop").status_code == 403
    assert as_(bob).post(f"{url}stop")["Location"] == url
    states = [row.state for row in Generation.objects.order_by("position")]
    assert states == [State.FAILED, State.CANCELLED, State.CANCELLED]
    assert "Nothing was left to cancel." in as_(bob).post(f"{url}stop", follow=True).content.decode()


def test_batch_shows_only_what_the_person_sees(as_, alice, bob, team):
    first, second = order(alice, team, count=2, prompt="wordsofalice")
    Generation.objects.filter(id=second.id).update(visibility=Visibility.PRIVATE)
    url = f"/t/harbour/batches/{first.batch}/"

    page = as_(bob).get(url)

    assert len(page.context["cells"]) == 1
    assert "wordsofalice" not in page.content.decode()
    Generation.objects.update(visibility=Visibility.PRIVATE)
    assert as_(bob).get(url).status_code == 404


COMPOSER = {
    "prompt": "a quiet harbour", "resolution": "1360 \u00d7 768 (Landscape)", "speed_mode": "extra-juiced",
    "seed": "41", "count": "3", "output_format": "webp", "visibility": "private", "x-do": "fill",
}  # fmt: skip


@pytest.fixture
def take_over(as_, bob, team):
    client = as_(bob)

    def send(**fields):
        return client.post(URL, {"client_key": str(uuid.uuid4()), **COMPOSER, **fields})

    return send


def ticked(page, name):
    return re.findall(rf'name="{name}" value="([^"]+)" checked', page)


def test_what_stands_in_the_composer_is_taken_over_and_nothing_is_ordered(take_over, alice, team):
    shelf = collections.create(actor=alice, team=team, name="Fair")

    answer = take_over(collection=str(shelf.pk))

    page, form = answer.content.decode(), answer.context["form"]
    assert (answer.status_code, answer.context["plan"]) == (200, None)
    assert "a quiet harbour</textarea>" in page
    assert (ticked(page, "x-sizes"), ticked(page, "x-speeds")) == (["1360x768"], ["extra-juiced"])
    assert form.text_of("x-seeds") == {"value": "41, 42, 43", "error": ""}
    assert re.search('name="output_format" value="webp"[^>]* checked', page)
    assert ticked(page, "visibility") == ["private"]
    assert [one.label for one in answer.context["collections"] if one.chosen] == ["Fair"]
    assert str(answer.context["client_key"]) != answer.wsgi_request.POST["client_key"]
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    ("seed", "count", "seeds"),
    [
        ("", "1", ""),
        ("-1", "4", "4 random"),
        ("7", "1", "7"),
        ("2147483647", "2", "2147483647, 1"),
        ("7", "", "7"),
    ],
)
def test_a_batch_becomes_the_seeds_that_it_would_draw(take_over, seed, count, seeds):
    answer = take_over(seed=seed, count=count)

    assert (answer.status_code, answer.context["form"].text_of("x-seeds")["value"]) == (200, seeds)


def test_empty_composer_gives_an_empty_form_without_complaints(as_, bob):
    answer = as_(bob).post(URL, {"prompt": " ", "x-do": "fill"})

    page = answer.content.decode()
    assert (answer.status_code, "Enter a few words" in page) == (200, False)
    assert (ticked(page, "x-sizes"), ticked(page, "x-speeds")) == (["1024x1024"], ["lightly-juiced"])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"resolution": "huge"}, "Size can't be “huge”. Choose one of: Square 1:1,"),
        ({"speed_mode": "warp"}, "Speed can't be “warp”"),
        ({"seed": "seven"}, "“seven” isn't a seed"),
        ({"seed": "", "count": "99"}, "Choose from 1 to 64 random seeds, not 99."),
        ({"seed": "", "count": "many"}, "“many” isn't a seed"),
        ({"prompt": "x" * 2001}, "Prompt has 2,001 characters"),
        ({"prompt": "a\0b"}, "invisible character U+0000"),
        ({"collection": "nowhere"}, "That collection no longer exists"),
        ({"visibility": "all"}, "Choose a visibility."),
        ({"strength": "3"}, "no parameter “strength”"),
    ],
)
def test_what_the_composer_would_refuse_is_said_when_it_is_taken_over(take_over, fields, said):
    answer = take_over(**fields)

    assert (answer.status_code, said in unescape(answer.content.decode())) == (422, True)


def test_address_of_the_sweep_is_read_as_an_empty_form_whatever_it_says(as_, bob):
    page = as_(bob).get(URL, {"prompt": "secret", "x-sizes": "huge", "model": "\0"})

    assert (page.status_code, page.context["form"].errors, b"secret</textarea>" in page.content) == (200, {}, False)


def back(as_, person, **fields):
    return as_(person).post("/t/harbour/generations/", {**FORM, "x-cap": "1", **fields, "x-do": "fill"})


@pytest.mark.parametrize(
    ("seeds", "seed", "count"),
    [("", "", "1"), ("4 random", "", "4"), ("7, 42", "7", "1"), ("7 8 9", "7", "3"), ("9", "9", "1")],
)
def test_sweep_goes_back_to_the_composer_and_nothing_is_ordered(as_, bob, team, seeds, seed, count):
    answer = back(as_, bob, **{"x-seeds": seeds, "visibility": "private"})

    composer = answer.context["composer"]
    said = {one.name: one for one in composer.parameters}
    assert (answer.status_code, composer.errors, composer.filled) == (200, [], True)
    assert said["prompt"].value == "a quiet harbour"
    assert [one.label for one in said["resolution"].options if one.checked] == ["Square 1:1"]
    assert (said["seed"].value, composer.count["value"]) == (seed, count)
    assert [one.value for one in composer.visibility if one.chosen] == ["private"]
    assert b"data-filled" in answer.content
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"x-seeds": "seven"}, "Seed must be a whole number, not “seven”."),
        ({"x-seeds": "12 random"}, "Enter a number from 1 to 8."),
        ({"x-sizes": "huge"}, "Size can't be “huge”"),
        ({"collection": "nowhere"}, "That collection no longer exists"),
    ],
)
def test_what_the_composer_cannot_hold_is_said_in_it(as_, bob, team, fields, said):
    answer = back(as_, bob, **fields)

    assert (answer.status_code, said in unescape(answer.content.decode())) == (422, True)


def test_viewer_fills_neither_form(as_, vera):
    assert as_(vera).post(URL, COMPOSER).status_code == 403
    assert back(as_, vera).status_code == 403


ONE = {"x-sizes": ["1024x1024"], "x-speeds": ["juiced"], "x-seeds": "7"}


def test_wildcards_are_one_more_axis_and_each_picture_keeps_its_own_prompt(post):
    planned = post(**{**ONE, "prompt": "a {red|blue} boat, {1..2}", "x-seeds": "7, 42"})

    plan = planned.context["plan"]
    assert (plan.many, Decimal(plan.total), plan.wildcards) == ("8 pictures", 8 * PRICE, True)
    assert [row.wording for row in plan.rows][::2] == ["red · 1", "red · 2", "blue · 1", "blue · 2"]
    assert not any(" " in row.key for row in plan.rows)
    sent = {**ONE, "prompt": "a {red|blue} boat, {1..2}", "x-seeds": "7, 42", **table(planned)}
    sent["x-take"] = sent["x-take"][2:]
    again = post(**{**sent, "x-do": "plan"})
    answer = post(**{**sent, **table(again)})

    rows = list(Generation.objects.order_by("position"))
    assert [(row.prompt, row.parameters["prompt"], row.seed) for row in rows] == [
        (prompt, prompt, seed) for prompt in ("a red boat, 2", "a blue boat, 1", "a blue boat, 2") for seed in (7, 42)
    ]
    page = post.__closure__[0].cell_contents.get(answer["Location"])
    assert page.context["title"] == ""
    assert [cell.what.split(" · ")[0] for cell in page.context["cells"]] == [row.prompt for row in rows]


def test_too_many_wildcards_and_wildcards_that_cannot_be_read_are_errors_of_the_prompt(post):
    assert "The wildcards in this prompt make 100 pictures; the maximum is 64." in unescape(
        post(prompt="{1..100}").content.decode()
    )
    assert "This batch would have 80 pictures; the maximum is 64." in post(prompt="{1..10}").content.decode()
    form = post(prompt="a {red|blue boat").context["form"]
    assert form.errors["prompt"] == ["“{red|blue boat” isn't closed. Add a }, or write \\{ for a plain {."]
    assert not Generation.objects.exists()


def test_review_from_the_composer_plans_at_once(as_, bob, team):
    composer = {"prompt": "a {red|blue} boat", "count": "2", "seed": "7", "x-do": "review"}

    answer = as_(bob).post(URL, {**composer, "client_key": str(uuid.uuid4())})

    assert (answer.status_code, answer.context["plan"].many) == (200, "4 pictures")


def test_blocked_word_in_one_choice_is_refused_at_the_preview_and_only_there(post, alice, team):
    set_blocked_words(actor=alice, team=team, words=["ass"])

    answer = post(**{**ONE, "prompt": "a {horse|ass}"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["prompt"] == [
        "Your team doesn't allow “ass” in prompts. Edit the prompt and try again."
    ]
    assert post(**{**ONE, "prompt": "a gl{ass|ow}"}).status_code == 200


def test_missing_cost_centre_is_refused_at_the_preview_and_when_it_was_required_since(post, alice, team):
    menus = collections.create(actor=alice, team=team, name="Menus")
    typed = {**ONE, "prompt": "a {red|blue} boat", "collection": str(menus.pk)}
    planned = table(post(**typed))
    Team.objects.update(cost_centre_required=True)

    for answer in (post(**typed), post(**{**typed, **planned})):
        html = unescape(answer.content.decode())
        assert answer.status_code == 422
        assert 'id="parameter-grid-collection-error">Harbour team requires a cost centre. Choose a collection' in html
        assert "a {red|blue} boat</textarea>" in html
    assert not LedgerEntry.objects.exists()

    Collection.objects.update(cost_centre="4711")
    assert post(**{**typed, **planned}).status_code == 302
    assert list(Generation.objects.values_list("cost_centre", flat=True)) == ["4711", "4711"]

"""The page of the first live picture: what it shows before, during and after it, and to whom."""

from datetime import timedelta

import pytest
from django.db.models import F

from generations.models import FirstPicture, Generation
from generations.pipeline.reconciliation.first_pictures import read_balances_after
from generations.pipeline.worker.fulfil import configured_provider, fulfil

pytestmark = pytest.mark.django_db
PAGE = "/t/harbour/first-picture/"


@pytest.fixture
def live(emulator, settings):
    settings.EMULATED = False
    return emulator


def shown(client):
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_estimate_charge_and_fall_stand_side_by_side(live, as_, alice, team):
    client = as_(alice)
    page = shown(client)
    assert "≈ $0.0152" in page
    assert 'name="prompt"' in page
    assert not Generation.objects.exists()

    assert client.post(PAGE, {"prompt": "a round stone"}, follow=True).redirect_chain == [(PAGE, 302)]
    page = shown(client)
    assert 'name="prompt"' not in page
    assert "Known when the picture arrives" in page
    assert 'hx-get="/t/harbour/first-picture/?seen=' in page

    fulfil(Generation.objects.get().id)
    assert "Reading it again…" in shown(client)
    read_balances_after(configured_provider())
    page = shown(client)
    assert "The balance fell by what was charged." in page
    cost = Generation.objects.get().cost
    assert page.count(f'<dd title="${f"{cost:.10f}".rstrip("0")}">${cost:.4f}</dd>') == 2
    assert "hx-trigger" not in page.partition('id="first-picture"')[2].partition(">")[0]


def test_unchanged_page_answers_its_poll_without_content(live, as_, alice, team):
    client = as_(alice)
    client.post(PAGE, {"prompt": "a round stone"})
    address = shown(client).partition('hx-get="')[2].partition('"')[0]

    assert client.get(address, HTTP_HX_REQUEST="true").status_code == 204
    fulfil(Generation.objects.get().id)
    assert client.get(address, HTTP_HX_REQUEST="true").status_code == 200


def test_refusals_keep_the_prompt_and_say_why(live, settings, as_, alice, team):
    client = as_(alice)

    empty = client.post(PAGE, {"prompt": ""})
    assert (empty.status_code, 'id="prompt-error"' in empty.content.decode()) == (422, True)
    settings.SEGMIND_API_KEY = "SG_0000000000000000"
    refused = client.post(PAGE, {"prompt": "a round stone"})

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "API key" in page.partition('role="alert">')[2].partition("</p>")[0]
    assert ">a round stone</textarea>" in page
    assert not Generation.objects.exists()


def test_picture_that_failed_says_why_beside_the_form(live, as_, alice, team):
    live.control.fault("400")
    client = as_(alice)
    client.post(PAGE, {"prompt": "a round stone"})
    fulfil(Generation.objects.get().id)

    page = shown(client)

    assert ">a round stone</textarea>" in page
    assert Generation.objects.get().reason.split(".")[0] in page


def test_page_says_that_the_balance_could_not_be_read_and_stops_asking(live, as_, alice, team):
    client = as_(alice)
    client.post(PAGE, {"prompt": "a round stone"})
    fulfil(Generation.objects.get().id)
    Generation.objects.update(finished_at=F("finished_at") - timedelta(minutes=61))

    page = shown(client)

    assert "and couldn&#x27;t be read after the picture." in page
    assert "hx-trigger" not in page.partition('id="first-picture"')[2].partition(">")[0]


def test_owner_of_a_team_among_others_does_not_see_the_balance(live, settings, as_, alice, team):
    settings.TEAM_CREATION = "everybody"
    client = as_(alice)
    client.post(PAGE, {"prompt": "a round stone"})
    fulfil(Generation.objects.get().id)
    read_balances_after(configured_provider())

    page = shown(client)

    assert "Charge" in page
    assert "balance" not in page.lower().partition("<main")[2]
    assert FirstPicture.objects.get().balance_after is not None


def test_page_without_a_key_shows_the_way_to_one(as_, alice, bob, team):
    page = shown(as_(alice))

    assert 'href="/help/provider/#use-your-segmind-key"' in page
    assert 'name="prompt"' not in page
    assert as_(bob).get(PAGE).status_code == 403

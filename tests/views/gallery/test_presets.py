"""Presets: what they keep, whom they are shown to, how they fill the composer, and the team's default."""

import json

import pytest

from generations.models import AuditAction, AuditEvent, Preset
from generations.services.gallery import presets as service
from tests.factories import order

pytestmark = pytest.mark.django_db
PAGE = "/t/harbour/presets/"
WIDE = "1360 × 768 (Landscape)"
SENT = {
    "x-preset": "Posters", "prompt": "two boats", "seed": "7", "resolution": WIDE, "speed_mode": "no such speed",
    "output_format": "png", "count": "3", "visibility": "private",
}  # fmt: skip


@pytest.fixture
def posters(bob, team):
    return service.save(actor=bob, team=team, name="Posters", model="hidream-l1-fast", values={"resolution": WIDE})


def chosen(client, query=""):
    composer = client.get(f"/t/harbour/{query}").context["composer"]
    sizes = next(one for one in composer.parameters if one.name == "resolution")
    return next(one.label for one in sizes.options if one.checked)


def test_preset_keeps_what_is_valid_but_neither_prompt_nor_seed(as_, bob, team):
    html = as_(bob).post(PAGE, SENT, headers={"HX-Request": "true"}).content.decode()

    (preset,) = Preset.objects.all()
    assert preset.values == {"resolution": WIDE, "output_format": "png", "count": "3"}
    assert (preset.name, preset.author, preset.shared, preset.is_default) == ("Posters", bob, False, False)
    assert "Saved as “Posters”." in html
    assert "<html" not in html


def test_same_name_replaces_and_no_name_is_refused_in_its_place(as_, bob, posters):
    client, fragment = as_(bob), {"HX-Request": "true"}
    client.post(PAGE, SENT, headers=fragment)
    refused = client.post(PAGE, {**SENT, "x-preset": " "}, headers=fragment)

    assert Preset.objects.get().values["count"] == "3"
    assert refused.status_code == 422
    assert "Enter a name for the preset." in refused.content.decode()


def test_without_scripts_the_options_are_the_name(as_, bob, team):
    response = as_(bob).post(PAGE, {**SENT, "x-preset": ""}, follow=True)

    assert Preset.objects.get().name == "Wide 16:9 · PNG"
    assert "Saved as “Wide 16:9 · PNG”." in response.content.decode()


def test_preset_fills_the_composer_by_its_link_and_by_its_values(as_, bob, posters):
    client = as_(bob)
    (pill,) = client.get("/t/harbour/").context["composer"].presets.pills

    assert chosen(client) == "Square 1:1"
    assert chosen(client, f"?preset={posters.pk}") == "Wide 16:9"
    assert json.loads(pill.values) == {"resolution": WIDE}
    assert chosen(client, "?preset=999999") == "Square 1:1"


def test_preset_is_its_authors_until_it_is_shared(as_, alice, bob, posters):
    client = as_(alice)
    assert chosen(client, f"?preset={posters.pk}") == "Square 1:1"
    assert client.post(f"{PAGE}{posters.pk}/delete").status_code == 404

    as_(bob).post(f"{PAGE}{posters.pk}/change", {"name": "Posters A3", "shared": "on"})

    assert [one.name for one in client.get(PAGE).context["rows"]] == ["Posters A3"]
    assert chosen(client, f"?preset={posters.pk}") == "Wide 16:9"


def test_default_of_the_team_fills_a_fresh_composer_and_nothing_else(as_, alice, bob, team, posters):
    other = service.save(actor=alice, team=team, name="Menus", model="hidream-l1-fast", values={})
    service.change(actor=bob, preset=posters, name="Posters", shared=True)
    client = as_(alice)
    for one in (other, posters):
        client.post(f"{PAGE}{one.pk}/default", {"default": "1"})

    assert [one.name for one in Preset.objects.filter(is_default=True)] == ["Posters"]
    assert AuditEvent.objects.filter(action=AuditAction.SET_UP_TEAM).count() == 2
    (row,) = order(bob, team)
    assert chosen(as_(bob)) == "Wide 16:9"
    assert chosen(as_(bob), f"?remix={row.id}") == "Square 1:1"
    client.post(f"{PAGE}{posters.pk}/default", {"default": ""})
    assert chosen(as_(bob)) == "Square 1:1"


def test_member_does_not_decide_about_the_default(as_, bob, posters):
    assert as_(bob).post(f"{PAGE}{posters.pk}/default", {"default": "1"}).status_code == 403
    assert as_(bob).post(f"{PAGE}{posters.pk}/delete").status_code == 302
    assert not Preset.objects.exists()


def test_fifty_are_enough(as_, bob, team, posters, monkeypatch):
    monkeypatch.setattr(service, "MAX_PRESETS", 1)

    html = as_(bob).post(PAGE, {**SENT, "x-preset": "Menus"}, headers={"HX-Request": "true"}).content.decode()

    assert "You already have 1 presets (the maximum). Delete one first." in html


def test_author_does_not_change_the_teams_default_by_saving_it_again(as_, alice, bob, team, posters):
    service.set_default(actor=alice, preset=posters, default=True)

    refused = as_(bob).post(PAGE, SENT, headers={"HX-Request": "true"})

    assert (refused.status_code, Preset.objects.get().values) == (422, {"resolution": WIDE})
    assert "which only managers change" in refused.content.decode()


def test_author_neither_renames_nor_deletes_the_teams_default(as_, alice, bob, posters):
    service.set_default(actor=alice, preset=posters, default=True)
    urls = [f"{PAGE}{posters.pk}/{verb}" for verb in ("change", "delete")]

    assert [as_(bob).post(url, {"name": "Mine"}).status_code for url in urls] == [403, 403]
    assert Preset.objects.get() == posters
    as_(alice).post(urls[1])
    events = AuditEvent.objects.filter(action=AuditAction.SET_UP_TEAM).order_by("id")
    assert [event.detail for event in events] == ["default", ""]


def test_what_is_not_the_default_ends_no_others_default(alice, bob, team, posters):
    service.set_default(actor=alice, preset=posters, default=True)
    other = service.save(actor=bob, team=team, name="Other", model="hidream-l1-fast", values={})

    service.set_default(actor=alice, preset=other, default=False)

    assert Preset.objects.get(is_default=True) == posters


def test_default_counts_among_the_presets_that_the_team_shares(as_, alice, team, monkeypatch):
    mine = service.save(actor=alice, team=team, name="Mine", model="hidream-l1-fast", values={})
    monkeypatch.setattr(service, "MAX_PRESETS", 0)

    answer = as_(alice).post(f"{PAGE}{mine.pk}/default", {"default": "1"}, follow=True)

    assert "The team already shares 0 presets" in answer.content.decode()
    assert not Preset.objects.get().is_default

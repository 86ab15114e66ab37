"""The page of one attempt: what was sent, what came back, what it cost and who said so."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Attempt, Generation, Role, State
from generations.pipeline.worker.fulfil import fulfil
from generations.services.generations import unknown_outcome
from tests.factories import draw, make_person, order
from tests.key import KEY

pytestmark = pytest.mark.django_db


def address(row):
    return f"/t/{row.team.slug}/attempts/{row.id}/{row.attempts.latest('number').number}/"


def shown(client, row):
    page = client.get(address(row))
    assert page.status_code == 200
    return page


def test_evidence_of_a_picture_is_all_there(as_, alice, team, emulator):
    row = draw(alice, team, prompt="two boats and a pier")
    attempt = row.attempts.get()

    page = shown(as_(alice), row)

    found = page.context
    body = json.loads(found["sent"].body)
    assert (body["prompt"], body["seed"]) == ("two boats and a pier", attempt.seed)
    assert found["sent"].address == f"{emulator.url}/v1/hidream-l1-fast"
    assert json.loads(emulator.control.journal[-1].body) == body, "the same that the provider got"
    assert dict(found["cost"])["Source"] == "the x-cost header of the response"
    assert dict(found["answer"])["Request ID"] == attempt.request_id
    assert dict(found["headers"])["x-cost"] == str(attempt.headers["x-cost"])
    assert [one.kind for one in found["entries"]] == ["reserved", "charged", "released"]
    assert [label for label, _ in found["times"]] == ["Reserved", "Sent", "Response received", "Finished", "Duration"]
    assert KEY not in page.content.decode()
    assert "[redacted]" in page.content.decode()


def test_detail_page_leads_to_it(as_, alice, team, emulator):
    row = draw(alice, team)

    assert f'href="{address(row)}"' in as_(alice).get(f"/g/{row.id}/").content.decode()


def test_headers_are_for_those_who_review(as_, alice, bob, vera, team, emulator):
    row = draw(alice, team)

    for who in (bob, vera):
        page = shown(as_(who), row)
        assert page.context["headers"] == []
        assert "x-rate-limit-remaining" not in page.content.decode()


def test_page_is_missing_for_others_and_under_another_team(as_, alice, charlie, team, emulator):
    row = draw(alice, team)

    assert as_(charlie).get(address(row)).status_code == 404
    assert as_(charlie).get(address(row).replace("harbour", "charlies")).status_code == 404
    assert as_(alice).get(address(row).replace("harbour", "charlies")).status_code == 404


def test_doubt_says_what_was_asked_and_given_up_who_decided(as_, alice, team, emulator):
    emulator.control.fault("drop", charge=False)
    (row,) = order(alice, team)
    fulfil(row.id)
    row.refresh_from_db()
    assert row.state == State.UNKNOWN
    Attempt.objects.update(
        lookup_count=2, last_lookup_at=timezone.now(), lookup_error="The history cannot be read now."
    )

    found = shown(as_(alice), row).context
    assert dict(found["cost"])["Cost"].startswith("unknown, about $")
    assert dict(found["asked"])["Checked"] == "2 times"
    assert dict(found["asked"])["Problem"] == "The history cannot be read now."

    unknown_outcome.mark_lost(actor=alice, generation=row, reason="nobody knows")
    found = shown(as_(alice), row).context
    assert dict(found["cost"])["Source"] == "a person who marked it as lost (estimate)"
    assert ("charged", "marked as lost: nobody knows") in [(one.kind, one.note) for one in found["entries"]]


def test_refusal_keeps_its_headers_and_costs_nothing(as_, alice, team, emulator):
    emulator.control.fault("400")
    (row,) = order(alice, team)
    fulfil(row.id)

    found = shown(as_(alice), row).context

    assert dict(found["cost"])["Cost"] == "nothing"
    assert dict(found["answer"])["Status"] == "HTTP 400"
    assert "x-request-id" in dict(found["headers"])


def test_others_words_stay_hidden_while_they_wait(as_, alice, bob, team, emulator):
    row = draw(alice, team, prompt="hush")
    Generation.objects.filter(id=row.id).update(state=State.QUEUED, finished_at=None)

    page = shown(as_(bob), row)

    assert page.context["sent"] is None
    assert "hush" not in page.content.decode()


def test_purged_picture_says_so_and_keeps_its_money_for_those_who_review(as_, alice, bob, team, emulator):
    row = draw(alice, team, prompt="a secret pier")
    manager = make_person("Mona", team, Role.MANAGER)
    Generation.objects.filter(id=row.id).update(
        deleted_at=timezone.now() - timedelta(days=31), purged_at=timezone.now(), prompt="", parameters={}
    )

    page = shown(as_(manager), row)

    assert "permanently deleted" in page.content.decode()
    assert "secret pier" not in page.content.decode()
    assert dict(page.context["cost"])["Cost"] == f"${row.cost:.4f}"
    assert as_(bob).get(address(row)).status_code == 404


def test_model_that_is_gone_is_said(as_, alice, team, emulator):
    row = draw(alice, team)
    Generation.objects.filter(id=row.id).update(model="of-yesterday")

    assert "no longer generates with of-yesterday" in shown(as_(alice), row).content.decode()


def test_attempts_of_one_picture_lead_to_each_other(as_, alice, team, emulator):
    emulator.control.fault("500")
    (row,) = order(alice, team)
    for _ in range(2):
        Generation.objects.filter(id=row.id).update(available_at=timezone.now() - timedelta(seconds=1))
        fulfil(row.id)

    found = shown(as_(alice), row).context

    assert [(one.n, one.here) for one in found["others"]] == [(1, False), (2, True)]
    table = as_(alice).get(f"/g/{row.id}/").content.decode()
    assert all(f'href="{one.url}"' in table for one in found["others"])

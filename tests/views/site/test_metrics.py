"""Figures for Prometheus, and who gets them."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from generations.models import Generation
from hidream_site.version import VERSION
from tests.factories import draw, order
from tests.pipeline.reconciliation.unknown_attempts import reading

pytestmark = pytest.mark.django_db
TOKEN = "nobody-guesses-this-token"
ELSEWHERE = "203.0.113.7"


def read(**headers):
    return Client().get("/metrics", **headers)


def samples(response):
    """Value by name and label."""
    families = text_string_to_metric_families(response.content.decode())
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_figures_are_what_prometheus_reads(alice, team, emulator):
    draw(alice, team)
    order(alice, team, count=2)
    Generation.objects.filter(state="queued").update(queued_at=Now() - timedelta(minutes=5))

    response = read()
    figures = samples(response)

    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert figures["hidream_info", VERSION] == 1
    assert figures["hidream_queued",] == 2
    assert figures["hidream_oldest_waiting_seconds",] == pytest.approx(300, abs=15)
    assert figures["hidream_oldest_running_seconds",] == 0
    assert figures["hidream_attempts_last_24h", "stored"] == 1
    assert figures["hidream_attempts_last_24h", "unknown"] == 0
    assert {name for name, *_ in figures} == {
        "hidream_queued", "hidream_running", "hidream_unknown", "hidream_oldest_waiting_seconds",
        "hidream_oldest_running_seconds", "hidream_undelivered", "hidream_spool_answers", "hidream_free_disk_bytes",
        "hidream_attempts_last_24h", "hidream_info",
    }  # fmt: skip


def test_balance_is_compared_with_the_books_once_it_was_read_twice(db):
    reading("5.00", timedelta(hours=2))
    assert ("hidream_balance_difference_dollars",) not in samples(read())

    reading("4.75", timedelta(hours=1))

    assert samples(read())["hidream_balance_difference_dollars",] == 0.25


def test_nothing_tells_of_a_person_or_a_team(alice, team, emulator):
    draw(alice, team, prompt="a secret harbour")

    said = read().content.decode().lower()

    assert [word for word in ("alice", team.slug, team.name.lower(), "secret") if word in said] == []


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_needs_no_token(address):
    assert read(REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_ADDR": ELSEWHERE},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": ELSEWHERE},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": f"for={ELSEWHERE}"},
    ],
)
@pytest.mark.parametrize("token", ["", TOKEN])
def test_who_comes_from_elsewhere_needs_the_token(settings, headers, token):
    settings.METRICS_TOKEN = token

    assert read(**headers).status_code == 404
    assert read(**headers, HTTP_AUTHORIZATION=f"Bearer {TOKEN}").status_code == (200 if token else 404)


@pytest.mark.parametrize("offered", ["", "Bearer", "Bearer ", "Bearer nobody", f"Basic {TOKEN}", TOKEN, "Bearer ü"])
@pytest.mark.parametrize("token", ["", TOKEN])
def test_another_token_opens_nothing(settings, offered, token):
    settings.METRICS_TOKEN = token

    assert read(REMOTE_ADDR=ELSEWHERE, HTTP_AUTHORIZATION=offered).status_code == 404


def test_signing_in_opens_nothing(as_, alice):
    assert as_(alice).get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 404

"""Alerts to the administrators about errors that fail every request without a pause: once an hour for each kind."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F

from generations.models import AdminAlertThrottle, State, User
from generations.pipeline.admin_alerts import alert_admins_throttled
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.worker.fulfil import fulfil
from tests.factories import order
from tests.faults.together import together
from tests.providers.loopback.hostile import Hostile, answer

pytestmark = pytest.mark.django_db
PREFIX = "[HiDream Gallery] "
MISTAKE, GONE, CLOSED = (
    "The provider can't read this site's requests",
    "The provider no longer offers a model",
    "The provider doesn't let this site use a model",
)


@pytest.fixture
def meet(alice, team, emulator):
    User.objects.create_superuser("root@example.test", "a long password")

    def meet(fault):
        (generation,) = order(alice, team)
        emulator.control.fault(fault)
        fulfil(generation.id)
        generation.refresh_from_db()
        return generation.state

    return meet


def told():
    return [one.subject.removeprefix(PREFIX) for one in mail.outbox]


@pytest.mark.parametrize(
    ("fault", "subject"),
    [("406-content-type", MISTAKE), ("redirect", MISTAKE), ("404", GONE), ("405", GONE), ("410", GONE)],
)
def test_what_only_an_administrator_can_mend_is_told_and_pauses_nothing(fault, subject, meet):
    assert meet(fault) == State.FAILED

    assert (told(), pauses.open_pauses()) == ([subject], [])
    assert "Affected pictures fail at no cost" in mail.outbox[0].body


def test_model_that_is_closed_to_this_site_is_told(alice, team, settings):
    User.objects.create_superuser("root@example.test", "a long password")
    (generation,) = order(alice, team)
    with Hostile(answer(403, b'{"error": "This model is private"}')) as server:
        settings.SEGMIND_BASE_URL = server.url
        fulfil(generation.id)

    assert told() == [CLOSED]
    assert "This model is private" in mail.outbox[0].body


@pytest.mark.parametrize("fault", ["400", "406-value", "422", "429", "500", "502", "html"])
def test_what_concerns_one_order_is_told_to_nobody(fault, meet):
    meet(fault)

    assert told() == []


def test_each_kind_is_told_once_an_hour(meet):
    for fault in ("404", "410", "redirect", "405"):
        meet(fault)
    first = told()
    AdminAlertThrottle.objects.update(alerted_at=F("alerted_at") - timedelta(hours=1))
    meet("404")

    assert (first, told()) == ([GONE, MISTAKE], [GONE, MISTAKE, GONE])


@pytest.mark.django_db(transaction=True)
def test_of_four_that_find_it_at_once_one_tells():
    User.objects.create_superuser("root@example.test", "a long password")
    for number in range(1, 11):
        together(*[lambda: alert_admins_throttled("model", "gone", "It is so.")] * 4)

        assert len(mail.outbox) == number
        AdminAlertThrottle.objects.update(alerted_at=F("alerted_at") - timedelta(hours=1))

"""A picture that is generated and charged, but not delivered: what its card, its page and credits show."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from generations.errors import TooManyWaiting
from generations.models import Attempt, State
from generations.pipeline.recovery import recover
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.services.spending.limits import set_quotas
from generations.views.site.formatting import clock, total_dollars
from tests.factories import order
from tests.stateful.world import Interrupted

pytestmark = pytest.mark.django_db
CREDITS = "/t/harbour/credits/"


@pytest.fixture
def client(as_, alice):
    return as_(alice)


@pytest.fixture
def undelivered(alice, team, emulator, settings):
    """Return the picture of a completed job of version 2 whose file is not there yet."""
    settings.SEGMIND_API_VERSION = "v2"
    (row,) = order(alice, team, prompt="two boats")
    emulator.control.fault("502", on="files", after=0)
    fulfil(row.id)
    row.refresh_from_db()
    return row


def card(client, row):
    days = client.get("/t/harbour/").context["feed"].days
    return next(card for day in days for card in day.cards if card.id == str(row.id))


def figures(client):
    return {one.label: (one.value, one.notes) for one in client.get(CREDITS).context["numbers"]}


def test_card_says_why_it_is_not_there_and_when_it_is_tried_again(client, undelivered):
    at = clock(undelivered.attempts.get().next_download_at)

    found = card(client, undelivered)

    assert (found.phase, found.headline) == ("downloading", "Not delivered yet")
    assert found.note == f"Generated and charged. The file couldn't be downloaded (502). Next try at {at}."
    assert found.cost == f"${undelivered.cost:.4f}"


def test_user_is_told_of_a_host_that_is_not_listed_and_whom_to_ask(client, alice, team, emulator, settings):
    settings.SEGMIND_API_VERSION, settings.SEGMIND_FILE_HOSTS = "v2", ["files.example.test"]
    (row,) = order(alice, team)
    fulfil(row.id)

    note = card(client, row).note

    assert note.startswith("Generated and charged. The file is on 127.0.0.1, a host this site doesn't download")
    assert "Ask a site admin to add it to SEGMIND_FILE_HOSTS." in note


def test_saving_is_said_only_when_the_bytes_are_on_this_sites_disk(client, alice, team, emulator, settings):
    settings.SEGMIND_API_VERSION = "v2"
    (row,) = order(alice, team)
    said = []

    class Watched(Interrupted):
        """Provider that reads the card while the file is downloaded."""

        def picture(self, answer):
            said.append(card(client, row).headline)
            return super().picture(answer)

    fulfil(row.id, Watched(configured_provider()))

    assert said == ["Downloading", "Saving"]


def test_credits_have_a_figure_for_it_until_it_is_delivered(client, undelivered):
    before = figures(client)
    Attempt.objects.update(next_download_at=Now())
    recover.recover(configured_provider())
    after = figures(client)

    cost = total_dollars(undelivered.cost)
    assert before["Charged, not delivered yet"] == (cost, ["1 paid picture"])
    assert before["Failed but charged"] == ("$0.00", [])
    assert "Charged, not delivered yet" not in after
    assert after["Failed but charged"] == ("$0.00", ["No charges for failed pictures"])
    assert before["Spent"][0] == after["Spent"][0] == cost


def test_figure_leads_to_its_entries(client, undelivered):
    figure = next(one for one in client.get(CREDITS).context["numbers"] if one.label == "Charged, not delivered yet")

    behind = client.get(figure.url).context

    assert (behind["spent"], [one.picture.words for one in behind["entries"]]) == (figure.value, ["two boats"])


def test_paid_pictures_in_doubt_are_no_delivered_ones(client, undelivered):
    Attempt.objects.update(state="unknown", next_download_at=None, finished_at=Now())
    undelivered.state, undelivered.lease, undelivered.lease_until = State.UNKNOWN, None, None
    undelivered.finished_at = timezone.now()
    undelivered.save()

    assert figures(client)["Failed but charged"] == ("$0.00", ["1 paid picture not delivered, outcome unknown"])


def test_pages_of_picture_and_attempt_say_it(client, undelivered):
    page = client.get(f"/g/{undelivered.id}/").content.decode()
    attempt = client.get(f"/t/harbour/attempts/{undelivered.id}/1/")

    assert "The file couldn&#x27;t be downloaded (502)" in page
    assert "charged, not delivered yet" in attempt.content.decode()
    assert dict(attempt.context["downloads"])["Tries"] == "1 of 12"


@pytest.mark.parametrize(
    ("fault", "on", "label"),
    [("html", "files", "paid, not delivered"), ("cut", "v1", "paid, lost in transit")],
)
def test_attempt_that_brought_no_picture_says_what_became_of_it(
    client, alice, team, emulator, settings, fault, on, label
):
    settings.SEGMIND_API_VERSION = "v1" if on == "v1" else "v2"
    (row,) = order(alice, team)
    emulator.control.fault(fault, on=on)
    fulfil(row.id)

    page = client.get(f"/t/harbour/attempts/{row.id}/1/")

    assert page.context["outcome"] == label
    assert card(client, row).headline == "Failed"
    assert card(client, row).note == f"Charged ${row.attempts.get().cost:.4f}"


def test_next_try_is_later_each_time(undelivered, emulator):
    emulator.control.fault("502", on="files", after=0, times=3)
    waits = []
    for _ in range(3):
        Attempt.objects.update(next_download_at=Now())
        began = timezone.now()
        recover.recover(configured_provider())
        waits.append(Attempt.objects.get().next_download_at - began)

    assert [round(wait / timedelta(seconds=10)) for wait in waits] == [2, 4, 8]


def test_it_takes_no_place_of_those_in_progress_and_nothing_is_reserved_for_it(client, undelivered, alice, team):
    set_quotas(actor=alice, team=team, in_flight=1, per_minute=None)

    reserved = figures(client)["Reserved"]
    order(alice, team)

    assert reserved == ("$0.00", ["No pictures in progress"])
    with pytest.raises(TooManyWaiting):
        order(alice, team)

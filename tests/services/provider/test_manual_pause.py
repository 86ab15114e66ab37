"""A person stops and starts the sending of orders."""

import pytest

from generations.errors import GalleryError
from generations.models import PauseCause, ProviderPause
from generations.pipeline.circuit_breaker import pauses
from generations.services.provider import manual_pause
from generations.services.site.reasons import MAX_REASON_LENGTH

pytestmark = pytest.mark.django_db


def test_pause_keeps_who_and_why(alice):
    assert manual_pause.pause(actor=alice, reason="  The bill\n is  too high. ")

    row = ProviderPause.objects.get()
    assert (row.cause, row.started_by, row.reason) == (PauseCause.BY_HAND, alice, "The bill is too high.")
    assert pauses.acquire_pass() is None


def test_second_person_who_pauses_changes_nothing(alice, bob):
    manual_pause.pause(actor=alice, reason="first")

    assert not manual_pause.pause(actor=bob, reason="second")
    assert ProviderPause.objects.get().started_by == alice


def test_resume_ends_every_pause_whatever_its_cause(alice, bob):
    for cause in PauseCause:
        pauses.pause(cause, "It is so.")

    assert manual_pause.resume(actor=bob, reason="Topped up.") == len(PauseCause)
    assert set(ProviderPause.objects.values_list("ended_by", "end_reason")) == {(bob.pk, "Topped up.")}
    assert pauses.acquire_pass() == pauses.UNRESTRICTED


def test_resume_without_a_pause_does_nothing(alice):
    assert manual_pause.resume(actor=alice, reason="Just so.") == 0


@pytest.mark.parametrize("verb", [manual_pause.pause, manual_pause.resume])
def test_reason_is_wanted_and_never_cut(verb, alice):
    pauses.pause(PauseCause.LIMIT, "The limit is reached.")
    with pytest.raises(GalleryError, match="Enter"):
        verb(actor=alice, reason=" \n ")

    with pytest.raises(GalleryError, match=r"The reason has 301 characters; the maximum is 300\. Shorten it\."):
        verb(actor=alice, reason="x" * (MAX_REASON_LENGTH + 1))

    row = ProviderPause.objects.get()
    assert (row.cause, row.ended_at) == (PauseCause.LIMIT, None)


def test_reason_of_the_greatest_length_is_kept_whole(alice):
    longest = "x" * MAX_REASON_LENGTH
    manual_pause.pause(actor=alice, reason=longest)
    manual_pause.resume(actor=alice, reason=f" {longest}\n")

    row = ProviderPause.objects.get()
    assert (row.reason, row.end_reason) == (longest, longest)

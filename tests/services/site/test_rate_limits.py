"""How often something may be done: exact numbers, whose they are, and when it goes on."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail as post
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from generations.errors import GalleryError, TooManyRequests
from generations.models import Comment, Generation, RateLimitUse, User
from generations.services.activity import comments
from generations.services.site import mail, rate_limits
from generations.services.site.rate_limits import DAY, HOUR, LIMITS, MINUTE, PASSWORDS_PER_HOUR, PER_HOUR, Per, acquire
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DOCS = Path(__file__).parents[3] / "docs" / "rate-limits.md"
SECOND = timedelta(seconds=1)
# As the table of the documentation writes them.
WINDOWS = {MINUTE: "minute", HOUR: "hour", DAY: "day"}


def age(by):
    """As if so much time had passed."""
    RateLimitUse.objects.update(at=F("at") - by)


def refusal(action, **whose):
    with pytest.raises(TooManyRequests) as raised:
        acquire(action, **whose)
    return raised.value


@pytest.mark.parametrize("action", [name for name, limit in LIMITS.items() if limit.rates[0].per == Per.USER])
def test_one_user_may_so_many_in_an_hour_and_in_a_day(action, alice, bob):
    hourly, daily = (rate.most for rate in LIMITS[action].rates if rate.per == Per.USER)
    for _ in range(hourly):
        acquire(action, user=alice)

    said = str(LIMITS[action].user)
    assert refusal(action, user=alice).message.startswith(said % {"rate": f"{hourly:,} per hour"})
    acquire(action, user=bob)
    for taken in range(hourly, daily, hourly):
        age(HOUR)
        acquire(action, user=alice, times=min(hourly, daily - taken))
    age(HOUR)
    assert refusal(action, user=alice).message.startswith(said % {"rate": f"{daily:,} per day"})
    age(DAY)
    acquire(action, user=alice)


def test_sentence_and_moment_say_when_it_goes_on(alice):
    acquire("comment", user=alice, times=10)
    age(timedelta(minutes=20))
    acquire("comment", user=alice, times=50)

    error = refusal("comment", user=alice)

    oldest = RateLimitUse.objects.earliest("at").at
    assert error.until == oldest + HOUR
    shown = timezone.localtime(
        error.until + timedelta(minutes=1)
    )  # rounded up, into the next day shortly before midnight
    day = "" if shown.date() == timezone.localdate() else "tomorrow "
    assert error.message == (
        f"You've reached the limit for adding and editing comments: 60 per hour. Try again {day}at {shown:%H:%M}."
    )
    age(error.until - timezone.now() - SECOND * 30)
    refusal("comment", user=alice)
    age(SECOND * 31)
    acquire("comment", user=alice, times=10)
    refusal("comment", user=alice)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (datetime(2026, 3, 31, 14, 2, 0, 1, UTC), "Try again at 14:03."),
        (datetime(2026, 3, 31, 14, 3, tzinfo=UTC), "Try again at 14:03."),
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), "Try again tomorrow at 00:00."),
        (datetime(2026, 4, 2, 1, 0, tzinfo=UTC), "Try again on 2 Apr at 01:00."),
    ],
)
def test_moment_is_never_said_too_early(until, said, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: datetime(2026, 3, 31, tzinfo=UTC).date())

    assert rate_limits._again(until) == said


def test_several_at_once_are_taken_whole_or_not_at_all(alice):
    acquire("tag", user=alice, times=195)

    refusal("tag", user=alice, times=6)

    assert RateLimitUse.objects.count() == 195
    acquire("tag", user=alice, times=5)


def test_what_is_refused_or_rolled_back_is_not_counted(alice, team):
    (row,) = order(alice, team)
    Generation.objects.update(state="done", finished_at=timezone.now())
    row.refresh_from_db()

    with pytest.raises(GalleryError):
        comments.write(actor=alice, generation=row, text=" ")
    with transaction.atomic():
        comments.write(actor=alice, generation=row, text="fine")
        transaction.set_rollback(True)

    assert (Comment.objects.count(), RateLimitUse.objects.count()) == (0, 0)
    comments.write(actor=alice, generation=row, text="fine")
    assert RateLimitUse.objects.get().subject == f"user:{alice.pk}"


def test_mail_goes_to_one_address_once_a_minute(alice, bob):
    acquire("invitation", user=alice, address="dora@example.test")

    error = refusal("invitation", user=bob, address="DORA@example.test")

    assert error.message.startswith("This email address has reached the limit for invitations: 1 per minute.")
    assert error.until == RateLimitUse.objects.earliest("at").at + MINUTE
    acquire("invitation", user=bob, address="eve@example.test")
    age(MINUTE)
    acquire("invitation", user=bob, address="dora@example.test")


def test_invitation_counts_for_the_user_the_address_and_the_site(alice, settings):
    settings.MAIL_PER_HOUR = 3

    acquire("invitation", user=alice, address="Dora@Example.test ")
    assert sorted(RateLimitUse.objects.values_list("action", flat=True)) == ["invitation", "invitation", "mail"]
    acquire("invitation", user=alice, address="bert@example.test")
    acquire("invitation", user=alice, address="eve@example.test")

    error = refusal("invitation", user=alice, address="fay@example.test")
    assert "This site has reached its limit for sending emails: 3 per hour." in error.message
    assert not any("example.test" in one for one in RateLimitUse.objects.values_list("subject", flat=True))


def test_one_address_gets_no_more_from_several_users(alice, bob):
    for number in range(5):
        acquire("invitation", user=(alice, bob)[number % 2], address="dora@example.test")
        age(MINUTE)

    error = refusal("invitation", user=bob, address="DORA@example.test")

    assert error.message.startswith("This email address has reached the limit for invitations: 5 per hour.")


def test_password_links_have_a_part_of_their_own(settings):
    settings.MAIL_PER_HOUR = 20
    acquire("password_mail", times=4)

    assert not rate_limits.has_room("password_mail")
    assert rate_limits.has_room("mail")
    acquire("password_reset", address="x@example.test", network="192.0.2.1")


@pytest.mark.parametrize("written", ["ALICE@example.test", " alice@example.test", "alice@example.te\u017ft"])
def test_one_address_is_one_however_it_is_written(written):
    assert rate_limits.has_room("password_reset", address="alice@example.test")

    assert not rate_limits.has_room("password_reset", address=written)


def test_letter_that_has_no_room_is_not_sent_and_can_be_sent_later(settings, alice):
    settings.MAIL_PER_HOUR = 2
    words = {"name": "Alice", "change": "passkey added", "passkey": "Laptop", "at": timezone.now()}

    sent = [mail.send("digest", alice.email, user=alice, count=1, news=[], more=0, site="") for _ in range(3)]

    assert (sent, len(post.outbox)) == ([True, True, False], 2)
    # That an account has changed must arrive.
    assert mail.send("two_factor", alice.email, **words)
    age(HOUR)
    assert mail.send("digest", alice.email, user=alice, count=1, news=[], more=0, site="")


def test_administrators_are_told_once_an_hour_when_the_site_has_sent_nearly_all(settings, alice):
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    settings.MAIL_PER_HOUR = 100
    acquire("mail", times=94)
    assert not rate_limits.alert_about_many_emails()

    acquire("mail")

    assert [rate_limits.alert_about_many_emails() for _ in range(2)] == [True, False]
    (told,) = post.outbox
    assert (told.to, "Emails sent in the last hour: 95. The maximum is 100 (MAIL_PER_HOUR)." in told.body) == (
        [alice.email],
        True,
    )


def test_administrators_are_told_of_many_password_links_too(settings, alice):
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    settings.MAIL_PER_HOUR = 100
    acquire("password_mail", times=18)
    assert not rate_limits.alert_about_many_emails()

    acquire("password_mail", times=2)

    assert [rate_limits.alert_about_many_emails() for _ in range(2)] == [True, False]
    (told,) = post.outbox
    assert "Password links sent in the last hour: 20. The maximum is 20" in told.body


def test_uses_that_no_window_reaches_are_forgotten(alice):
    acquire("comment", user=alice, times=3)
    age(DAY)
    acquire("comment", user=alice)

    assert rate_limits.delete_old_uses() == 3
    assert RateLimitUse.objects.count() == 1


def number(most):
    return {PER_HOUR: "`MAIL_PER_HOUR`", PASSWORDS_PER_HOUR: "a fifth of `MAIL_PER_HOUR`"}.get(most, str(most))


def cell(limit, per):
    rates = [rate for rate in limit.rates if rate.per == per]
    return " · ".join(f"{number(rate.most)} / {WINDOWS[rate.window]}" for rate in rates)


def test_table_of_the_documentation_is_the_table_of_the_code():
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|(.*)\|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    described = {name: tuple(one.strip() for one in cells.split("|")) for name, cells in rows}
    also = {name: f"as `{limit.also}`" if limit.also else "" for name, limit in LIMITS.items()}

    assert described == {
        name: (*(cell(limit, per) for per in (Per.USER, Per.ADDRESS, Per.NETWORK)), cell(limit, Per.SITE) or also[name])
        for name, limit in LIMITS.items()
    }

"""What the form for a link makes of what was sent."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from generations.forms.sharing import ShareForm


def filled(may_never=True, **data):
    return ShareForm(data, may_never=may_never)


def in_days(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(("choice", "days"), [("1", 1), ("7", 7), ("30", 30), ("", 30)])
def test_end_is_so_many_days_away(choice, days):
    form = filled(expires=choice)

    assert form.is_valid()
    assert abs(form.terms.expires_at - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)


def test_day_counts_whole(settings):
    settings.TIME_ZONE = "UTC"
    form = filled(expires="until", until=in_days(3))

    assert form.is_valid()
    end = form.terms.expires_at
    assert (end.date().isoformat(), end.time()) == (in_days(4), time.min)


def test_today_is_a_day():
    assert filled(expires="until", until=in_days(0)).is_valid()


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("", "Choose an expiry date"),
        ("soon", "Choose an expiry date"),
        (in_days(-1), "has passed"),
        (in_days(400), "a year"),
    ],
)
def test_day_that_cannot_be_is_refused_with_a_way_out(until, sentence):
    form = filled(expires="until", until=until)

    assert not form.is_valid()
    assert sentence in form.errors["until"][0]


def test_never_is_a_choice_for_some():
    form = filled(expires="never")

    assert form.is_valid()
    assert form.terms.expires_at is None
    assert not filled(may_never=False, expires="never").is_valid()
    assert "never" not in filled(may_never=False).choices


def test_nothing_is_ticked_by_itself():
    form = filled()

    assert form.is_valid()
    assert (form.terms.allow_download, form.terms.show_prompt, form.terms.show_names) == (False, False, False)


def test_short_password_is_refused_and_spaces_count():
    assert "at least 8" in filled(protected="1", password="1234567").errors["password"][0]

    form = filled(protected="1", password=" 345678 ")
    assert form.is_valid()
    assert form.terms.password == " 345678 "


def test_what_was_chosen_stays_chosen():
    form = filled(expires="7", protected="1", password="short")

    assert not form.is_valid()
    assert form.chosen == "7"
    assert filled(expires="nonsense").chosen == "30"

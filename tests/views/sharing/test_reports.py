"""Reporting a picture as a member and as a visitor, and the managers' page."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from generations.models import Generation, Notification, Report, ReportReason, ReportState
from generations.services.sharing.reports import hide, report_as_member
from tests.factories import draw
from tests.sharing import outsider, share

pytestmark = pytest.mark.django_db
LIST = "/t/harbour/reports/"
SCRIPT = "<script>alert(1)</script>\n\x3ca href=javascript:alert(1)>"


@pytest.fixture
def picture(bob, team, emulator):
    return draw(bob, team)


@pytest.fixture
def page(picture):
    return f"/g/{picture.id}/report"


@pytest.fixture
def shared(bob, picture):
    _, base = share(bob, picture)
    return f"{base}{picture.id}/report"


def token_of(html):
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)[1]


def test_member_reports_from_the_picture_and_only_once(as_, vera, picture, page):
    client = as_(vera)
    assert f'href="{page}"' in client.get(f"/g/{picture.id}/").content.decode()

    answer = client.post(page, {"reason": "person", "note": "My face."}, follow=True)

    assert answer.redirect_chain == [(f"/g/{picture.id}/", 302)]
    assert "Reported. The team&#x27;s managers have been notified." in answer.content.decode()
    one = Report.objects.get()
    assert (one.reporter, one.reason, one.note, one.visitor) == (vera, ReportReason.PERSON, "My face.", "")
    assert "This picture has already been reported." in client.get(page).content.decode()
    client.post(page, {"reason": "hate"})
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "Choose a reason."),
        ({"reason": "x"}, "Choose a reason."),
        ({"reason": "hate", "note": "x" * 501}, "The note has 501 characters; the maximum is 500. Shorten it."),
    ],
)
def test_refused_report_keeps_what_was_typed(as_, vera, page, shared, fields, error):
    for answer in (as_(vera).post(page, fields), outsider().post(shared, fields)):
        html = answer.content.decode()
        assert answer.status_code == 422
        assert error in html
        assert fields.get("note", "") in html
    assert not Report.objects.exists()


def test_visitor_reports_without_an_account(shared, picture):
    client = outsider(enforce_csrf_checks=True, REMOTE_ADDR="192.0.2.7")
    form = client.get(shared)
    html = form.content.decode()
    assert form["Cache-Control"] == "private, no-store"
    assert (form["Referrer-Policy"], "<script" in html) == ("same-origin", False)
    assert "sessionid" not in form.cookies

    answer = client.post(shared, {"reason": "rights", "csrfmiddlewaretoken": token_of(html)})

    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert "Reported." in answer.content.decode()
    one = Report.objects.get()
    assert (one.generation, one.reporter, one.reason) == (picture, None, "rights")
    assert one.link is not None


def test_forged_report_of_a_visitor_is_refused(shared):
    answer = outsider(enforce_csrf_checks=True).post(shared, {"reason": "rights"})

    assert answer.status_code == 403
    assert not Report.objects.exists()


def test_link_with_a_password_asks_for_it_before_a_report(bob, picture):
    _, base = share(bob, picture, password="open sesame street")

    answer = outsider().post(f"{base}{picture.id}/report", {"reason": "rights"})

    assert answer.status_code == 403
    assert 'type="password"' in answer.content.decode()
    assert not Report.objects.exists()


def test_network_that_reports_much_has_to_wait(shared):
    for turn in range(10):
        assert outsider(HTTP_USER_AGENT=str(turn)).post(shared, {"reason": "hate"}).status_code == 200

    answer = outsider(HTTP_USER_AGENT="eleventh").post(shared, {"reason": "hate", "note": "kept"})

    html = answer.content.decode()
    assert (answer.status_code, "Retry-After" in answer) == (429, True)
    assert "Your network has reached the limit for reporting pictures: 10 per hour." in html
    assert "kept</textarea>" in html


def test_managers_read_reports_as_plain_text_and_hide_the_picture(as_, alice, vera, team, picture):
    report_as_member(actor=vera, generation=picture, reason=ReportReason.HATE, note=SCRIPT)
    one, client = Report.objects.get(), as_(alice)
    html = client.get(LIST).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<a href=javascript" not in html

    client.post(reverse("decide_report", args=[team.slug, one.pk]), {"verdict": "hide"})

    one.refresh_from_db()
    assert one.state == ReportState.HIDDEN
    assert as_(vera).get(f"/g/{picture.id}/").status_code == 404
    assert as_(vera).get(f"/g/{picture.id}/thumb/320.webp").status_code == 404
    detail = client.get(f"/g/{picture.id}/").content.decode()
    assert "Hidden by a manager after a report." in detail
    assert f'href="/g/{picture.id}/share"' not in detail
    shown = client.get(LIST).context
    assert (shown["open"], [row.hidden for row in shown["decided"]]) == ([], [True])
    client.post(reverse("decide_report", args=[team.slug, one.pk]), {"verdict": "show"})
    assert as_(vera).get(f"/g/{picture.id}/").status_code == 200


def test_hidden_picture_is_gone_from_its_link_and_comes_back(as_, alice, bob, vera, picture):
    _, base = share(bob, picture)
    report_as_member(actor=vera, generation=picture, reason=ReportReason.HATE)
    hide(actor=alice, report=Report.objects.get())

    assert outsider().get(base).status_code == 404
    assert outsider().get(f"{base}{picture.id}/image").status_code == 404
    assert "Paused: a manager hid the picture." in as_(bob).get("/t/harbour/links/").content.decode()


def test_second_decision_says_that_the_report_is_decided(as_, alice, vera, team, picture):
    report_as_member(actor=vera, generation=picture, reason=ReportReason.HATE)
    url = reverse("decide_report", args=[team.slug, Report.objects.get().pk])
    client = as_(alice)
    client.post(url, {"verdict": "dismiss"})

    answer = client.post(url, {"verdict": "hide"}, follow=True)

    assert "This report has already been handled." in answer.content.decode()
    assert Generation.objects.get().hidden_at is None


def test_notification_of_a_report_leads_to_it(as_, alice, vera, picture):
    report_as_member(actor=vera, generation=picture, reason=ReportReason.HATE)
    told, client = Notification.objects.get(), as_(alice)

    page = client.get(reverse("notifications")).content.decode()
    answer = client.post(reverse("open_notification", args=[told.pk]))

    assert "Vera reports a picture" in page
    assert answer["Location"] == f"{LIST}#report-{Report.objects.get().pk}"


def test_picture_in_the_trash_is_not_reported(as_, vera, picture, page):
    Generation.objects.update(deleted_at=timezone.now())

    assert as_(vera).post(page, {"reason": "hate"}).status_code == 404

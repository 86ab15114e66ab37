"""Reports of pictures: who reports, who is notified, and who sees a picture that a manager has hidden."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.errors import GalleryError, NotAllowed, TooManyRequests
from generations.models import (
    AuditAction,
    AuditEvent,
    Generation,
    Notification,
    NotificationKind,
    RateLimitUse,
    Report,
    ReportReason,
    ReportState,
    Role,
)
from generations.queries.activity.notifications import unread_count
from generations.queries.sharing import reports
from generations.queries.sharing.reports import decided_reports, has_reported, open_reports
from generations.queries.sharing.share_links import is_seen_by_link, visible_generations
from generations.services.sharing.reports import (
    MAX_OPEN_OF_VISITORS,
    dismiss,
    hide,
    report_as_member,
    report_as_visitor,
    show_again,
)
from generations.services.sharing.share_links import LinkTerms, create_link
from tests.factories import draw, make_person, order
from tests.faults.together import together
from tests.sharing import collect, share

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def row(bob, team):
    (made,) = order(bob, team)
    return made


@pytest.fixture
def mona(team):
    return make_person("Mona", team, Role.MANAGER)


def report(actor, row, note=""):
    report_as_member(actor=actor, generation=row, reason=ReportReason.OTHER, note=note)
    return Report.objects.filter(generation=row, reporter=actor).latest("id")


def visit(link, row, address="192.0.2.1", agent="a browser"):
    return report_as_visitor(
        link=link, generation=row, reason=ReportReason.HATE, note="", address=address, agent=agent
    )  # fmt: skip


def seen_by(*people):
    return [Generation.objects.visible_to(person).exists() for person in people]


def test_member_has_one_open_report_of_a_picture(vera, row):
    assert report_as_member(actor=vera, generation=row, reason=ReportReason.HATE)
    assert not report_as_member(actor=vera, generation=row, reason=ReportReason.OTHER)

    assert Report.objects.get().reason == ReportReason.HATE
    assert has_reported(vera, row)


@pytest.mark.django_db(transaction=True)
def test_reports_sent_together_are_one(vera, row):
    done = together(*[lambda: report_as_member(actor=vera, generation=row, reason=ReportReason.HATE)] * 4)

    assert (sum(done), Report.objects.count()) == (1, 1)


def test_outsider_cannot_report(charlie, row):
    with pytest.raises(NotAllowed):
        report_as_member(actor=charlie, generation=row, reason=ReportReason.OTHER)


def test_managers_but_the_reporter_are_notified_of_the_first_report(alice, vera, mona, row):
    report(mona, row)
    report(vera, row)

    told = Notification.objects.filter(kind=NotificationKind.REPORTED)
    assert [one.user for one in told] == [alice]
    assert unread_count(alice) == 1


def test_hidden_picture_is_seen_by_its_author_and_managers_until_it_is_shown_again(alice, bob, vera, mona, row):
    one, other = report(vera, row), report(mona, row)

    hide(actor=alice, report=one)

    assert seen_by(alice, bob, mona, vera) == [True, True, True, False]
    assert set(Report.objects.values_list("state", flat=True)) == {ReportState.HIDDEN}
    assert unread_count(alice) == 0
    assert show_again(actor=mona, report=other)
    assert not show_again(actor=mona, report=other)
    assert seen_by(vera) == [True]
    events = AuditEvent.objects.filter(subject=f"generation {row.pk}").order_by("id")
    assert [(event.action, event.actor) for event in events] == [
        (AuditAction.HID_PICTURE, alice), (AuditAction.SHOWED_PICTURE, mona)
    ]  # fmt: skip
    assert row.prompt not in "".join(event.detail for event in events)


def test_dismissed_report_leaves_the_picture_and_other_reports(alice, bob, vera, row):
    one, other = report(vera, row), report(bob, row)

    dismiss(actor=alice, report=one)

    assert unread_count(alice) == 1  # of the other report
    assert seen_by(vera) == [True]
    assert (open_reports(row.team), decided_reports(row.team)) == ([other], [one])
    assert not has_reported(vera, row)


def test_decided_report_is_not_decided_again(alice, mona, vera, row):
    one = report(vera, row)
    dismiss(actor=alice, report=one)

    with pytest.raises(GalleryError, match="already been handled"):
        hide(actor=mona, report=one)

    row.refresh_from_db()
    assert row.hidden_at is None


@pytest.mark.parametrize("verb", [hide, dismiss, show_again])
def test_members_do_not_decide(bob, vera, row, verb):
    with pytest.raises(NotAllowed):
        verb(actor=bob, report=report(vera, row))


def test_reports_of_deleted_pictures_are_left_out_until_they_are_restored(vera, team, row):
    one = report(vera, row)
    for deleted_at, shown in ((timezone.now(), []), (None, [one])):
        Generation.objects.filter(id=row.id).update(deleted_at=deleted_at)
        assert open_reports(team) == shown
    Generation.objects.filter(id=row.id).update(purged_at=timezone.now())
    assert open_reports(team) == []


def test_hidden_picture_is_shown_by_no_link_and_gets_none(alice, bob, team, emulator):
    picture = draw(bob, team)
    link, _ = share(bob, picture)
    of_collection, _ = share(bob, collect(bob, team, picture))
    assert visit(link, picture)
    assert is_seen_by_link(picture)

    hide(actor=alice, report=Report.objects.get())

    assert not visible_generations(link).exists()
    assert not visible_generations(of_collection).exists()
    assert not is_seen_by_link(picture)
    picture.refresh_from_db()
    for person in (alice, bob):
        with pytest.raises(GalleryError, match="hidden or in the trash"):
            create_link(actor=person, thing=picture, terms=LinkTerms(timezone.now() + timedelta(days=1)))
    show_again(actor=alice, report=Report.objects.get())
    assert visible_generations(link).exists()


def test_visitor_is_a_hash_and_has_one_open_report_of_each_picture(bob, team, emulator):
    rows = [draw(bob, team), draw(bob, team)]
    link, _ = share(bob, collect(bob, team, *rows))

    assert [visit(link, row) for row in (*rows, *rows)] == [True, True, False, False]
    assert visit(link, rows[0], agent="another browser")

    hashes = Report.objects.values_list("visitor", flat=True)
    assert len(set(hashes)) == 3
    assert "192.0.2" not in "".join(hashes)


def test_visitors_are_limited_by_network_and_by_picture(bob, team, emulator):
    row = draw(bob, team)
    link, _ = share(bob, row)

    for turn in range(10):
        assert visit(link, row, agent=str(turn))
    with pytest.raises(TooManyRequests):
        visit(link, row, agent="eleventh")
    for turn in range(MAX_OPEN_OF_VISITORS - 10):
        assert visit(link, row, address=f"198.51.{turn}.1")

    assert not visit(link, row, address="203.0.113.1")
    assert Report.objects.count() == MAX_OPEN_OF_VISITORS
    assert RateLimitUse.objects.filter(action="visitor_report").count() == MAX_OPEN_OF_VISITORS


def test_every_hidden_picture_can_be_shown_again_however_many_reports_follow(alice, vera, team, row, monkeypatch):
    monkeypatch.setattr(reports, "MAX_LISTED", 0)
    first = report(vera, row)
    hide(actor=alice, report=first)

    assert reports.decided_reports(team) == [first]

"""Digests: what goes into a letter, how often one goes, and that nothing goes twice."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from generations.models import (
    Digest,
    Generation,
    Membership,
    Notification,
    NotificationKind,
    ReportReason,
    User,
    Visibility,
    uuid7_at,
)
from generations.pipeline.recovery.retention import delete_old_notifications
from generations.services.activity import comments, digests, notifications
from generations.services.collections import collections
from generations.services.sharing.reports import report_as_member
from tests.factories import order
from tests.sharing import collect


@pytest.fixture
def picture(bob, team):
    (row,) = order(bob, team)
    Generation.objects.filter(id=row.id).update(state="done", finished_at=timezone.now())
    return Generation.objects.select_related("team").get(id=row.id)


def write(actor, picture, text="fine"):
    return comments.write(actor=actor, generation=picture, text=text)[0]


@pytest.mark.django_db
def test_letter_says_who_what_and_where(alice, bob, picture, settings):
    settings.SITE_URL = "https://gallery.example.test"
    write(alice, picture, "@bob is this\nthe right dusk?")

    assert digests.send_due() == 1

    (letter,) = mail.outbox
    assert (letter.subject, letter.to) == ("1 new notification on HiDream Gallery", ["bob@example.test"])
    assert "- Alice mentioned you in a comment · Harbour team\n  “@bob is this the right dusk?”" in letter.body
    assert f"https://gallery.example.test/g/{picture.id}/#comments" in letter.body
    assert "https://gallery.example.test/accounts/#notifications" in letter.body


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 2])
def test_several_pictures_of_a_collection_lead_to_it(alice, bob, team, settings, many):
    settings.SITE_URL = "https://gallery.example.test"
    pictures = order(bob, team, count=many)
    Generation.objects.update(state="done", finished_at=timezone.now())
    shelf = collect(alice, team, name="Menus")
    collections.add(actor=alice, collection=shelf, generations=pictures)

    digests.send_due()

    place = f"t/harbour/collections/{shelf.pk}/" if many > 1 else f"g/{pictures[0].pk}/"
    assert f"\n  https://gallery.example.test/{place}\n" in mail.outbox[0].body


@pytest.mark.django_db
def test_each_notification_is_mailed_once(alice, picture):
    write(alice, picture)

    assert [digests.send_due(), digests.send_due()] == [1, 0]

    User.objects.update(digest_at=timezone.now() - timedelta(days=2))
    assert digests.send_due() == 0


@pytest.mark.django_db
def test_next_letter_waits_for_the_next_day_or_hour(alice, bob, picture):
    write(alice, picture)
    digests.send_due()
    write(alice, picture, "more")

    assert digests.send_due() == 0
    for digest, ago, sent in [(Digest.DAILY, 25, 1), (Digest.HOURLY, 1, 1), (Digest.OFF, 99, 0)]:
        write(alice, picture, "again")
        User.objects.filter(pk=bob.pk).update(digest=digest, digest_at=timezone.now() - timedelta(hours=ago))
        assert digests.send_due() == sent


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["read", "private", "trashed", "left", "inactive", "switched off", "old"])
def test_what_is_read_or_not_to_be_seen_any_more_is_not_mailed(alice, bob, vera, picture, why):
    person = vera if why == "private" else bob
    write(alice, picture, "@vera @bob")
    Notification.objects.exclude(user=person).delete()
    row = Notification.objects.get()
    if why == "read":
        notifications.mark_read(actor=bob, notification=row)
    elif why == "private":
        Generation.objects.update(visibility=Visibility.PRIVATE)
    elif why == "trashed":
        Generation.objects.update(deleted_at=timezone.now())
    elif why == "left":
        Membership.objects.filter(user=bob).delete()
    elif why == "inactive":
        User.objects.filter(pk=bob.pk).update(is_active=False)
    elif why == "switched off":
        notifications.set_preferences(actor=bob, digest=Digest.DAILY, wishes={NotificationKind.MENTION: (True, False)})
    else:
        Notification.objects.update(id=uuid7_at(timezone.now() - timedelta(days=8)))

    assert digests.send_due() == 0
    assert mail.outbox == []
    assert User.objects.get(pk=person.pk).digest_at is None


@pytest.mark.django_db
def test_letter_that_no_server_takes_is_owed(alice, bob, picture, settings):
    write(alice, picture)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    assert digests.send_due() == 0

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert digests.send_due() == 1


@pytest.mark.django_db
def test_names_with_line_breaks_make_no_header(alice, bob, team, picture):
    User.objects.filter(pk=alice.pk).update(name="Eve\r\nBcc: all@example.test")
    team.name = "X\r\nBcc: all@example.test"
    team.save()
    write(User.objects.get(pk=alice.pk), picture, "a\r\nBcc: all@example.test")

    digests.send_due()

    (letter,) = mail.outbox
    assert letter.recipients() == ["bob@example.test"]
    assert "Bcc" not in dict(letter.message().items())


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_send_one_letter(alice, bob, picture):
    write(alice, picture)
    together, sent = threading.Barrier(2), []

    def sweep():
        try:
            together.wait(timeout=120)
            sent.append(digests.send_due())
        finally:
            connection.close()

    both = [threading.Thread(target=sweep) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert sorted(sent) == [0, 1]
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_command_says_how_many_went(alice, picture, capsys, settings):
    write(alice, picture)
    call_command("send_digests")
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    call_command("send_digests")

    assert capsys.readouterr().out == "Sent 1 digest.\nEmail isn't set up: set EMAIL_URL.\n"


@pytest.mark.django_db
def test_old_notifications_are_forgotten(alice, picture):
    write(alice, picture)
    Notification.objects.update(id=uuid7_at(timezone.now() - timedelta(days=91)))
    write(alice, picture, "new")

    assert delete_old_notifications() == 1
    assert Notification.objects.count() == 1


@pytest.mark.django_db
def test_reported_picture_is_in_the_letter_of_managers_without_its_note(alice, vera, picture, settings):
    settings.SITE_URL = "https://gallery.example.test"
    report_as_member(actor=vera, generation=picture, reason=ReportReason.HATE, note="not for a mail")

    assert digests.send_due() == 1

    (letter,) = mail.outbox
    assert letter.to == ["alice@example.test"]
    assert "- A picture was reported · Harbour team\n  https://gallery.example.test/t/harbour/reports/" in letter.body
    assert "not for a mail" not in letter.body

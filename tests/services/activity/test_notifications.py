"""Notifications: who is told of what, where, and what is not spoken of any more."""

import pytest
from django.utils import timezone

from generations.models import (
    Activity,
    Digest,
    Generation,
    Membership,
    Notification,
    NotificationKind,
    Role,
    Visibility,
)
from generations.queries.activity.notifications import notification_preferences, notifications_page, unread_count
from generations.services.activity import comments, notifications
from generations.services.collections import collections
from generations.services.sharing.share_links import LinkTerms, create_link
from tests.factories import order

pytestmark = pytest.mark.django_db


@pytest.fixture
def pictures(bob, team):
    rows = order(bob, team, count=3)
    Generation.objects.update(state="done", finished_at=timezone.now())
    return list(Generation.objects.select_related("team").filter(id__in=[row.id for row in rows]))


def collect(actor, pictures, name="Signs"):
    collection = collections.get_or_create(actor=actor, team=pictures[0].team, name=name)
    return collections.add(actor=actor, collection=collection, generations=pictures)


def shown(user):
    return [(one.kind, len(one.activity.generations), one.unread) for one in notifications_page(user, None)[0]]


def test_pictures_collected_together_are_told_together_and_once(alice, bob, pictures):
    assert [collect(alice, pictures), collect(alice, pictures)] == [3, 0]

    assert shown(bob) == [("collected", 3, True)]
    assert unread_count(bob) == 1
    assert unread_count(alice) == 0


def test_link_to_a_picture_tells_its_author_and_one_to_a_collection_nobody(alice, bob, team, pictures):
    create_link(actor=alice, thing=pictures[0], terms=LinkTerms(None))
    create_link(
        actor=alice, thing=collections.get_or_create(actor=alice, team=team, name="Signs"), terms=LinkTerms(None)
    )

    assert shown(bob) == [("shared", 1, True)]
    assert Activity.objects.filter(kind="shared").count() == 2


def test_reading_one_reads_its_act_and_all_reads_what_was_shown(alice, bob, pictures):
    collect(alice, pictures[:2])
    comments.write(actor=alice, generation=pictures[0], text="one")
    comments.write(actor=alice, generation=pictures[0], text="two")
    newest = notifications_page(bob, None)[0][0].id
    first = Notification.objects.filter(kind="collected").first()

    assert notifications.mark_read(actor=bob, notification=first) == 2
    assert shown(bob) == [("comment", 1, True), ("comment", 1, True), ("collected", 2, False)]
    comments.write(actor=alice, generation=pictures[0], text="three, too late")
    assert notifications.mark_all_read(actor=bob, newest=newest) == 2
    assert unread_count(bob) == 1


def test_what_she_may_not_see_any_more_is_not_told(alice, bob, vera, pictures):
    comments.write(actor=alice, generation=pictures[0], text="@vera")
    assert shown(vera) == [("mention", 1, True)]

    Generation.objects.update(visibility=Visibility.PRIVATE)
    assert (shown(vera), unread_count(vera), shown(bob)) == ([], 0, [("comment", 1, True)])
    Generation.objects.update(visibility=Visibility.TEAM, deleted_at=timezone.now())
    assert (shown(vera), unread_count(vera)) == ([], 0)
    Generation.objects.update(deleted_at=None)
    assert shown(vera) == [("mention", 1, True)]
    Membership.objects.filter(user=vera).delete()
    assert (shown(vera), unread_count(vera)) == ([], 0)


def test_switches_decide_where_each_kind_is_told(alice, bob, pictures):
    notifications.set_preferences(
        actor=bob,
        digest=Digest.DAILY,
        wishes={
            NotificationKind.COMMENT: (False, False),
            NotificationKind.MENTION: (False, True),
            NotificationKind.COLLECTED: (True, False),
        },
    )
    comments.write(actor=alice, generation=pictures[0], text="hello")
    comments.write(actor=alice, generation=pictures[0], text="@bob")
    collect(alice, pictures[:1])

    rows = Notification.objects.order_by("id").values_list("kind", "on_site", "by_email")
    assert list(rows) == [("mention", False, True), ("collected", True, False)]
    assert shown(bob) == [("collected", 1, True)]
    assert [(one.kind, one.on_site, one.by_email) for one in notification_preferences(bob)] == [
        ("mention", False, True), ("comment", False, False), ("collected", True, False), ("shared", True, True),
        ("limit", True, True), ("requested", True, True), ("decided", True, True), ("reported", True, True),
    ]  # fmt: skip


def test_manager_who_collects_a_private_picture_tells_its_author_only(alice, bob, team, pictures):
    Generation.objects.update(visibility=Visibility.PRIVATE)
    Membership.objects.filter(user=alice).update(role=Role.MANAGER)

    collect(alice, pictures[:1])

    assert [row.user for row in Notification.objects.all()] == [bob]


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_one_and_three(alice, bob, pictures, number, django_assert_num_queries):
    for picture in pictures[:number]:
        comments.write(actor=alice, generation=picture, text="hello")

    with django_assert_num_queries(6):  # rows with activity, actors, comments, pictures with images, teams; collections
        notifications_page(bob, None)

"""What deleted people did stays apart: their rows keep the number of the account, and nothing else of them."""

import pytest
from django.apps import apps
from django.db.models import SET_NULL

from generations.models import Activity, AuditEvent, Comment, Generation, ShareLink, User, former_name, name_in
from generations.models.former import keep_number
from generations.queries.activity.activity import activity_page
from generations.services.activity import comments
from tests.factories import draw, make_person
from tests.sharing import share

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
# Where nobody is named when the user is deleted.
NAMELESS = {
    "budget.set_by", "collection.author", "collectionitem.added_by", "invitation.accepted_by", "invitation.invited_by",
    "tagging.author",
}  # fmt: skip


def columns(on_delete):
    return {
        f"{model._meta.model_name}.{field.name}"
        for model in apps.get_app_config("generations").get_models()
        for field in model._meta.concrete_fields
        if field.related_model is User and field.remote_field.on_delete is on_delete and not model._meta.proxy
    }


def test_each_column_that_names_somebody_keeps_the_number():
    assert columns(SET_NULL) == NAMELESS
    assert {"generation.author", "spendingday.author", "comment.author"} <= columns(keep_number)


def test_deleted_people_stay_apart_from_each_other(alice, bob, team, emulator):
    mona = make_person("Mona", team)
    rows = [draw(person, team) for person in (alice, bob)]
    comments.write(actor=bob, generation=rows[0], text="Bob was here")
    comments.write(actor=mona, generation=rows[0], text="and Mona")
    share(bob, rows[1])
    numbers = [alice.pk, bob.pk, mona.pk]
    User.objects.filter(pk__in=numbers).delete()

    names = [former_name(number) for number in numbers]
    assert [name_in(row, "author") for row in Generation.objects.order_by("id")] == names[:2]
    assert [name_in(row, "author") for row in Comment.objects.order_by("id")] == names[1:]
    assert {name_in(row, "actor") for row in Activity.objects.all()} == set(names[1:])
    assert [name_in(row, "creator") for row in ShareLink.objects.all()] == [names[1]]
    assert {name_in(row, "actor") for row in AuditEvent.objects.all()} <= set(names)
    assert not Generation.objects.filter(author__isnull=False).exists()


def test_pictures_of_two_deleted_people_are_two_entries_of_the_activity(alice, bob, vera, team, emulator):
    numbers = [alice.pk, bob.pk]
    for person in (alice, bob):
        draw(person, team)
        person.delete()

    groups, _ = activity_page(team, vera, None)

    assert [group.who for group in groups] == [former_name(number) for number in reversed(numbers)]


def test_what_the_site_did_has_its_own_words(alice, team):
    event = AuditEvent.objects.create(action="paused", team=team)

    assert name_in(event, "actor", "the site") == "the site"

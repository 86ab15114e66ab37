"""What a person does with a picture that is there."""

import pytest

from generations.models import Favourite, Generation
from generations.pipeline.worker.claim import claim
from generations.services.generations import actions
from generations.services.orders import submit
from tests.factories import draw, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_star_is_set_and_taken_back(alice, team):
    (row,) = order(alice, team)

    assert [actions.toggle_favourite(actor=alice, generation=row) for _ in range(3)] == [True, False, True]
    assert Favourite.objects.count() == 1


def test_star_is_each_persons_own(alice, bob, team):
    (row,) = order(alice, team)
    actions.toggle_favourite(actor=alice, generation=row)
    actions.toggle_favourite(actor=bob, generation=row)

    actions.toggle_favourite(actor=alice, generation=row)

    assert list(Favourite.objects.values_list("user", flat=True)) == [bob.pk]


def test_picture_goes_to_the_trash_and_comes_back(alice, team, emulator):
    picture = draw(alice, team)

    assert actions.delete(generation=picture)
    assert list(Generation.objects.in_trash()) == [picture]
    assert actions.restore(generation=picture)
    assert list(Generation.objects.shown()) == [picture]


def test_second_delete_and_second_restore_change_nothing(alice, team, emulator):
    picture = draw(alice, team)

    assert [actions.delete(generation=picture) for _ in range(2)] == [True, False]
    assert [actions.restore(generation=picture) for _ in range(2)] == [True, False]


def test_picture_that_is_still_being_made_cannot_be_deleted(alice, team):
    (row,) = order(alice, team)

    assert not actions.delete(generation=row)
    claim(row.id)
    assert not actions.delete(generation=row)


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_what_went_wrong_can_be_deleted(alice, team, state):
    (row,) = order(alice, team)
    Generation.objects.filter(id=row.id).update(state=state)

    assert actions.delete(generation=row)


def test_cancelled_order_is_not_restored(alice, team):
    (row,) = order(alice, team)
    submit.cancel(actor=row.author, generation=row)

    assert not actions.restore(generation=row)

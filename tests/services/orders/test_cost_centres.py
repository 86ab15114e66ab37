"""Cost centres: which one a picture gets and keeps, and what is refused where the team requires one."""

import uuid

import pytest

from generations.errors import CostCentreMissing
from generations.models import ApprovalRequest, Collection, Generation, LedgerEntry, RequestState, State, Team
from generations.services.collections import collections
from generations.services.generations.unknown_outcome import retry_accepting_second_charge
from generations.services.orders.approvals import approve, submit_or_request_approval
from generations.services.orders.submit import GenerationRequest, submit
from tests.factories import clean_values, order
from tests.pipeline.reconciliation.unknown_attempts import doubt

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def menus(alice, team):
    return collections.create(actor=alice, team=team, name="Menus")


def set_up(team, cost_centre="", *, required=False):
    team.cost_centre, team.cost_centre_required = cost_centre, required
    team.save()


def ordered(actor, team, collection=None, **more):
    return submit(actor=actor, team=team, order=GenerationRequest(clean_values(), 2, collection=collection, **more))


def stamps():
    return set(Generation.objects.values_list("cost_centre", flat=True))


@pytest.mark.parametrize(
    ("of_team", "of_collection", "stamped"),
    [("", None, ""), ("4711", None, "4711"), ("4711", "", "4711"), ("4711", "0815", "0815"), ("", "0815", "0815")],
)
def test_picture_has_that_of_its_collection_else_of_the_team(alice, team, menus, of_team, of_collection, stamped):
    set_up(team, of_team)
    menus.cost_centre = of_collection or ""

    ordered(alice, team, None if of_collection is None else menus)

    assert stamps() == {stamped}


def test_picture_keeps_it_whatever_becomes_of_the_texts_and_its_collections(alice, team, menus):
    menus.cost_centre = "0815"
    rows = ordered(alice, team, menus)
    other = collections.create(actor=alice, team=team, name="Posters")
    Collection.objects.filter(pk=other.pk).update(cost_centre="0816")

    set_up(team, "4711")
    collections.change(collection=menus, name="Menus", description="", order="date", cost_centre="0817")
    collections.add(actor=alice, collection=other, generations=rows)
    collections.delete(collection=menus)

    assert stamps() == {"0815"}


def test_cells_of_a_grid_have_it_too(alice, team):
    set_up(team, "4711")

    ordered(alice, team, cells=(clean_values(seed="1"), clean_values(seed="2")))

    assert list(Generation.objects.values_list("cost_centre", flat=True)) == ["4711", "4711"]


def test_approved_pictures_get_that_of_the_moment_of_the_approval(alice, bob, team):
    set_up(team, "4711")
    team.approval_above = 0
    team.save()
    submit_or_request_approval(actor=bob, team=team, order=GenerationRequest(clean_values(), 2))
    Team.objects.update(cost_centre="0815")

    approve(actor=alice, request=ApprovalRequest.objects.get())

    assert stamps() == {"0815"}


@pytest.mark.parametrize("approval_above", [None, 0])
@pytest.mark.parametrize("in_collection", [False, True])
@pytest.mark.parametrize("cells", [(), ({"seed": "1"}, {"seed": "2"})])
def test_required_one_that_is_missing_refuses_before_anything_is_held(
    alice, team, menus, approval_above, in_collection, cells
):
    set_up(team, required=True)
    team.approval_above = approval_above
    asked = GenerationRequest(
        clean_values(),
        3,
        collection=menus if in_collection else None,
        cells=tuple(clean_values(**one) for one in cells),
    )

    with pytest.raises(CostCentreMissing) as refused:
        submit_or_request_approval(actor=alice, team=team, order=asked)

    assert refused.value.message == (
        "Harbour team requires a cost centre. Choose a collection that has one, or ask an owner to set one for the "
        "team."
    )
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize(("of_team", "of_collection"), [("4711", ""), ("", "0815")])
def test_required_one_may_be_that_of_the_team_or_of_the_collection(alice, team, menus, of_team, of_collection):
    set_up(team, of_team, required=True)
    menus.cost_centre = of_collection

    ordered(alice, team, menus)

    assert stamps() == {of_team or of_collection}


def test_form_that_was_sent_before_returns_its_pictures(alice, team):
    first = order(alice, team, key=(key := uuid.uuid4()))
    set_up(team, required=True)

    assert order(alice, team, key=key) == first


def test_request_from_before_it_was_required_waits_until_it_has_one(alice, bob, team, menus):
    team.approval_above = 0
    team.save()
    submit_or_request_approval(actor=bob, team=team, order=GenerationRequest(clean_values(), 2, collection=menus))
    Team.objects.update(cost_centre_required=True)

    with pytest.raises(CostCentreMissing, match="this request has none"):
        approve(actor=alice, request=ApprovalRequest.objects.get())
    assert ApprovalRequest.objects.get().state == RequestState.PENDING
    assert not LedgerEntry.objects.exists()

    Collection.objects.update(cost_centre="0815")
    approve(actor=alice, request=ApprovalRequest.objects.get())
    assert stamps() == {"0815"}


@pytest.mark.parametrize("cost_centre", ["", "4711"])
def test_retry_of_a_picture_without_one_is_refused_and_never_gives_it_one(alice, team, cost_centre):
    set_up(team, cost_centre)
    attempt = doubt(alice, team)
    row = attempt.generation
    Team.objects.update(cost_centre="0815", cost_centre_required=True)
    before = LedgerEntry.objects.count()

    def retry():
        again = Generation.objects.get(pk=row.pk)
        return retry_accepting_second_charge(actor=alice, generation=again, attempt_id=attempt.id)

    if cost_centre:
        assert retry()
    else:
        with pytest.raises(CostCentreMissing, match="this picture has none"):
            retry()

    row.refresh_from_db()
    held = LedgerEntry.objects.count() - before
    assert (row.cost_centre, row.state, held) == (
        (cost_centre, State.QUEUED, 1) if cost_centre else ("", State.UNKNOWN, 0)
    )  # fmt: skip

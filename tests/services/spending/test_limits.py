"""Setting limits: who may, what makes sense, and what is told in the audit trail."""

from decimal import Decimal

import pytest

from generations.errors import InvalidLimit, NotAllowed
from generations.models import AuditAction, AuditEvent, Budget, Membership, Role, Span, Team
from generations.services.spending import limits as service
from generations.services.spending.limits import LimitAmounts
from tests.factories import make_person, make_team
from tests.sharing import collect

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def limits(soft=None, hard=None):
    return LimitAmounts(*(None if one is None else Decimal(one) for one in (soft, hard)))


def add(actor, team, soft=None, hard=None, span=Span.MONTH, **whose):
    return service.add(actor=actor, team=team, span=span, limits=limits(soft, hard), **whose)


@pytest.fixture
def root(db):
    user = make_person("Root")
    user.is_superuser = True
    user.save()
    return user


def test_owner_limits_the_team_a_person_and_a_collection(alice, bob, team):
    shelf = collect(alice, team, name="Menus")

    made = [
        add(alice, team, 20, 30),
        add(alice, team, hard="0.5", span=Span.DAY, person=bob),
        add(alice, team, soft=4, collection=shelf),
    ]

    assert [str(row) for row in Budget.objects.order_by("pk")] == [str(row) for row in made]
    assert {row.set_by for row in Budget.objects.all()} == {alice}
    events = AuditEvent.objects.filter(action=AuditAction.SET_LIMIT, team=team, actor=alice).order_by("id")
    assert [row.detail for row in events] == [
        "team, per month: warning at $20.00, limit $30.00",
        f"user {bob.pk}, per day: limit $0.50",
        f"collection {shelf.pk}, per month: warning at $4.00",
    ]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER, Role.MANAGER])
def test_others_set_change_and_remove_nothing(alice, bob, team, role):
    Membership.objects.filter(user=bob).update(role=role)
    row = add(alice, team, hard=30)

    with pytest.raises(NotAllowed):
        add(bob, team, hard=5, span=Span.DAY)
    with pytest.raises(NotAllowed):
        service.change(actor=bob, budget=row, limits=limits(hard=500))
    with pytest.raises(NotAllowed):
        service.remove(actor=bob, budget=row)
    with pytest.raises(NotAllowed):
        service.set_approval(actor=bob, team=team, above=None)
    assert [one.hard for one in Budget.objects.all()] == [30]


def test_what_the_site_set_is_the_sites_to_change(alice, team, root):
    row = add(root, team, hard=10, by_site=True)

    for act in (
        lambda: service.change(actor=alice, budget=row, limits=limits(hard=500)),
        lambda: service.remove(actor=alice, budget=row),
        lambda: add(alice, team, hard=5, span=Span.DAY, by_site=True),
    ):
        with pytest.raises(NotAllowed, match="a site admin"):
            act()
    assert service.change(actor=root, budget=row, limits=limits(hard=12)).hard == 12
    with pytest.raises(NotAllowed):
        add(root, team, hard=5)


@pytest.mark.parametrize(
    ("soft", "hard", "field", "words"),
    [
        (31, 30, "soft", r"The warning \(\$31.00\) is above the limit \(\$30.00\)"),
        (None, -1, "hard", "can't be negative"),
        (-1, None, "soft", "can't be negative"),
        (None, None, "hard", "Enter a limit"),
        (None, "10.01", "hard", r"\$10.01 is above the site's monthly limit for Harbour team \(\$10.00\)"),
        ("10.01", None, "soft", "the site's monthly limit"),
    ],
)
def test_limit_that_makes_no_sense_is_refused_at_its_field(alice, team, root, soft, hard, field, words):
    add(root, team, hard=10, by_site=True)

    with pytest.raises(InvalidLimit, match=words) as refused:
        add(alice, team, soft, hard)

    assert refused.value.field == field
    assert Budget.objects.count() == 1


def test_day_may_not_have_more_than_the_sites_month(alice, team, root):
    add(root, team, hard=10, by_site=True)

    with pytest.raises(InvalidLimit, match="the site's monthly limit"):
        add(alice, team, hard=11, span=Span.DAY)
    assert add(alice, team, hard=10, span=Span.DAY).hard == 10


def test_second_limit_of_the_same_kind_is_refused(alice, bob, team):
    add(alice, team, hard=1, person=bob)

    with pytest.raises(InvalidLimit, match="Bob already has a monthly limit") as refused:
        add(alice, team, hard=2, person=bob)
    assert refused.value.field == "span"
    assert add(alice, team, hard=2, person=bob, span=Span.DAY).hard == 2


def test_people_and_collections_of_other_teams_are_not_limited(alice, charlie, team):
    elsewhere = collect(charlie, make_team("Elsewhere", "elsewhere"), name="Elsewhere")

    with pytest.raises(InvalidLimit, match="Charlie is no longer in the team"):
        add(alice, team, hard=1, person=charlie)
    with pytest.raises(InvalidLimit, match="collection no longer exists"):
        add(alice, team, hard=1, collection=elsewhere)


def test_removed_limit_is_in_the_audit_trail_and_gone(alice, team):
    row = add(alice, team, hard=30)

    assert [service.remove(actor=alice, budget=row), service.remove(actor=alice, budget=row)] == [True, False]
    assert not Budget.objects.exists()
    assert AuditEvent.objects.get(action=AuditAction.REMOVED_LIMIT).detail == "team, per month: limit $30.00"


def test_limit_that_was_removed_in_this_moment_is_not_changed(alice, team):
    row = add(alice, team, hard=30)
    Budget.objects.all().delete()

    with pytest.raises(Budget.DoesNotExist):
        service.change(actor=alice, budget=row, limits=limits(hard=1))


def test_large_orders_wait_from_the_amount_that_is_set(alice, team):
    service.set_approval(actor=alice, team=team, above=Decimal("2.5"))
    assert Team.objects.get().approval_above == Decimal("2.5")
    with pytest.raises(InvalidLimit):
        service.set_approval(actor=alice, team=team, above=Decimal(-1))
    service.set_approval(actor=alice, team=team, above=None)

    assert Team.objects.get().approval_above is None
    said = AuditEvent.objects.filter(action=AuditAction.SET_APPROVAL).order_by("id").values_list("detail", flat=True)
    assert list(said) == ["requests above $2.50", "off"]

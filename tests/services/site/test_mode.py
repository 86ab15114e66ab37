"""Going live ends the demo: its people, its orders, its money, and what was learnt from the emulator."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from generations import checks, ledger
from generations.errors import NotAllowed
from generations.models import (
    AdminAlertThrottle,
    Attempt,
    BalanceReading,
    Budget,
    Generation,
    LedgerEntry,
    Membership,
    PauseCause,
    ProviderPause,
    Reconciliation,
    Role,
    Session,
    SiteMode,
    State,
    Team,
    User,
    UsualPrice,
)
from generations.pipeline import balance_readings
from generations.pipeline.circuit_breaker import pauses, probes
from generations.pipeline.reconciliation.balance.check import compare
from generations.pipeline.worker.cancel import NOT_CHARGED
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.queries.generations.attempt_history import usual_duration
from generations.queries.spending.prices import learned_prices
from generations.queries.spending.review import Scope, last_days
from generations.queries.spending.review.figures import by_day, spent_by, totals
from generations.queries.spending.review.forecast import credit_left
from generations.queries.spending.review.held import reserved_by_team
from generations.services.site.mode import apply_mode
from generations.services.teams import demo_team
from generations.services.teams.teams_and_users import create_team
from tests.factories import draw, make_person, make_team, order
from tests.views.spending.entries import pay

pytestmark = pytest.mark.django_db
LEDGER = "/admin/generations/ledgerentry/"
ADDRESSES = ["member@demo.test", "owner@demo.test", "viewer@demo.test"]


@pytest.fixture
def demo_site(emulator, settings):
    settings.DEBUG = settings.EMULATED = True
    apply_mode()
    return demo_team.create_people()


@pytest.fixture
def place(demo_site):
    return Team.objects.get(name=demo_team.TEAM)


@pytest.fixture
def go_live(settings):
    """Another key, the same provider: what it answers is as good as Segmind's here."""

    def live():
        settings.EMULATED = False
        return apply_mode()

    return live


def signs_in(email):
    return Client().post("/login/", {"username": email, "password": demo_team.PASSWORD}).status_code == 302


# --- people -----------------------------------------------------------------------------------------------------------


def test_people_of_the_demo_are_out_and_their_sessions_have_ended(
    demo_site, go_live, alice, as_, caplog, transactional_db
):
    browser, other = as_(demo_site[0]), as_(alice)
    assert browser.get("/provider/").status_code == 200

    said = go_live()

    assert said == [r.message for r in caplog.records if r.name == "generations.services.site.mode"]
    assert len(said) == 1
    assert all(address in said[0] for address in ADDRESSES)
    assert browser.get("/provider/")["Location"].startswith("/login/")
    assert not any(signs_in(address) for address in ADDRESSES)
    assert set(Session.objects.values_list("user", flat=True)) == {alice.pk}
    assert other.get("/", follow=True).status_code == 200
    assert go_live() == []


def test_they_are_out_with_debug_off_as_well(demo_site, settings):
    settings.DEBUG = False

    assert len(apply_mode()) == 1
    assert not any(signs_in(address) for address in ADDRESSES)


def test_they_come_back_with_the_demo(demo_site, go_live, settings):
    go_live()
    settings.EMULATED = True

    assert len(apply_mode()) == 1
    assert all(signs_in(address) for address in ADDRESSES)
    assert apply_mode() == []


def test_whom_a_person_switched_off_in_the_demo_stays_off(demo_site):
    User.objects.filter(email="viewer@demo.test").update(is_active=False)

    assert apply_mode() == []
    assert not signs_in("viewer@demo.test")
    assert [one.email for one in demo_team.demo_people()] == ["owner@demo.test", "member@demo.test"]


def test_new_address_does_not_help(demo_site, go_live):
    User.objects.filter(email="owner@demo.test").update(email="mallory@example.test")

    go_live()

    assert not signs_in("mallory@example.test")


def test_whom_somebody_switched_on_again_is_out_after_the_next_start(demo_site, go_live):
    go_live()
    User.objects.filter(email="owner@demo.test").update(is_active=True)

    assert [one.id for one in checks.demo_is_over()] == ["generations.E011"]
    assert len(go_live()) == 1
    assert checks.demo_is_over() == []


def test_check_is_silent_in_the_demo_and_names_them_when_it_is_over(demo_site, settings):
    assert checks.demo_is_over() == []
    settings.DEBUG = False

    (error,) = checks.demo_is_over()

    assert all(address in error.msg for address in ADDRESSES)


def test_fresh_live_site_has_nothing_to_do(settings, alice):
    settings.EMULATED = False
    BalanceReading.objects.create(credits=1, free_credits=0)

    assert apply_mode() == []
    assert SiteMode.objects.get().since is None
    assert balance_readings.latest() is None
    assert BalanceReading.objects.of_this_provider("read_at").count() == 1


# --- money ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def root(db):
    root = make_person("Root", make_team("Real", "real"), Role.OWNER)
    User.objects.filter(pk=root.pk).update(is_superuser=True, is_staff=True)
    return User.objects.get(pk=root.pk)


@pytest.fixture
def spent(demo_site, place, root):
    """Pictures of the demo and of a real team."""
    for _ in range(2):
        draw(demo_site[0], place)
    order(demo_site[0], place)
    return draw(root, root.teams.get()).cost


def test_sums_over_all_teams_are_without_the_demo(spent, go_live, place, root):
    before = totals(Scope(), last_days(1)).spent
    assert before > spent
    go_live()

    assert totals(Scope(), last_days(1)).spent == spent
    assert [(one.spent, one.charges) for one in by_day(Scope(), last_days(1))] == [(spent, 1)]
    assert {one.key for one in spent_by(Scope(), last_days(1), "team")} == {str(root.teams.get().pk)}
    assert place.pk not in reserved_by_team()
    assert totals(Scope(place), last_days(1)).spent == before - spent, "its own books stay as they are"


def test_limits_over_all_teams_are_without_the_demo(spent, demo_site, place, go_live):
    """What the demo's pictures cost was never real, and uses up nobody's limit."""
    owner = demo_site[0]
    first, _ = ledger.month_of(timezone.now())
    pay(owner, place, "0.5", at=first)
    with ledger.backdated_entries(first):
        ledger.hold_without_generation(place, Decimal("0.25"), idempotency_key="check:1", note="a check")
    ledger.roll_up()
    ledger.rebuild()
    site, hers = (Budget.objects.create(team=None, person=who, by_site=True, hard=9) for who in (None, owner))
    before = ledger.budget_usage(site)
    assert before.spent >= spent + Decimal("0.5")
    assert before.held > Decimal("0.25")
    assert ledger.budget_usage(hers).used > Decimal("0.5")
    go_live()

    assert [(one.spent, one.held) for one in map(ledger.budget_usage, (site, hers))] == [(spent, 0), (0, 0)]
    assert ledger.held(place) == before.held, "its own books stay as they are"


def test_nothing_real_is_paid_from_the_demos_team(place, go_live):
    ledger.hold_without_generation(place, Decimal(1), idempotency_key="check:1", note="a check")
    go_live()

    with pytest.raises(NotAllowed) as refused:
        ledger.hold_without_generation(place, Decimal(1), idempotency_key="check:2", note="a check")

    assert refused.value.message == "Harbour team is a demo team and can't pay for real calls. Choose another team."
    assert not LedgerEntry.objects.filter(idempotency_key="hold:check:2").exists()


def test_page_of_all_teams_is_without_the_demo(spent, go_live, root, as_):
    assert len(as_(root).get("/credits/").context["rows"]) == 2
    go_live()

    context = as_(root).get("/credits/").context

    assert [row.name for row in context["rows"]] == ["Real"]
    assert context["total"] == f"${spent:.4f}"


def test_books_in_the_admin_are_without_the_demo_until_its_team_is_named(spent, go_live, place, root, as_):
    go_live()
    browser = as_(root)
    csv = "/admin/generations/ledgerentry/csv/"

    real = browser.get(LEDGER).context["cl"]
    whole = browser.get(f"{LEDGER}?team={place.slug}").context["cl"]

    assert {row.team.slug for row in real.queryset} == {"real"}
    assert {row.team.slug for row in whole.queryset} == {place.slug}
    lines = b"".join(browser.post(csv).streaming_content).decode().splitlines()
    assert len(lines) - 1 == LedgerEntry.objects.exclude(team=place).count()
    one = LedgerEntry.objects.filter(team=place).first()
    assert browser.get(f"{LEDGER}{one.pk}/change/").status_code == 200


def test_days_of_credit_are_of_the_real_account_and_real_money(demo_site, place, spent, go_live):
    BalanceReading.objects.create(credits=25, free_credits=0)
    go_live()
    assert credit_left() is None

    BalanceReading.objects.create(credits=5, free_credits=0)
    Generation.objects.filter(team=place).update(deleted_at=timezone.now())
    found = credit_left()

    assert (found.pace, found.over) == (spent, 0), "nothing real was spent before today"


def test_team_that_somebody_of_the_demo_made_is_the_demos(demo_site, alice, settings):
    settings.TEAM_CREATION = "everybody"
    assert create_team(actor=demo_site[0], name="Second").demo
    assert not create_team(actor=alice, name="Third").demo


# --- orders -----------------------------------------------------------------------------------------------------------


def test_order_that_waits_is_not_sent_with_the_real_key(demo_site, place, go_live, emulator):
    member = make_person("Dora", place, Role.OWNER)
    waiting = [order(one, place)[0] for one in (demo_site[1], member)]
    go_live()
    spent = emulator.control.spent

    for row in waiting:
        fulfil(row.id)

    assert set(Generation.objects.values_list("state", "reason")) == {(State.CANCELLED, NOT_CHARGED)}
    assert emulator.control.spent == spent


def test_who_was_taken_into_the_demos_team_only_looks_when_it_is_over(demo_site, place, go_live, as_):
    dora = make_person("Dora", place, Role.OWNER)
    address = f"/t/{place.slug}/generations/"
    assert as_(dora).post(address, {"prompt": "a harbour"}).status_code == 302
    go_live()

    assert as_(dora).get(f"/t/{place.slug}/").status_code == 200
    assert as_(dora).post(address, {"prompt": "a harbour"}).status_code == 403
    assert Membership.objects.get(user=dora).role == Role.OWNER


# --- what was learnt from the emulator --------------------------------------------------------------------------------


def test_balance_and_comparisons_begin_anew(demo_site, go_live, emulator):
    provider = configured_provider()
    for minutes in (2, 1):
        read_at = timezone.now() - timedelta(minutes=minutes)
        BalanceReading.objects.create(credits=25, free_credits=0, read_at=read_at)
    assert compare(provider) is not None
    assert balance_readings.latest() is not None
    go_live()

    assert balance_readings.latest() is None
    assert compare(provider) is None
    assert not Reconciliation.objects.of_this_provider("since").exists()
    assert probes.read_hourly(provider), "the emulator's reading of this hour is none of this account"
    assert BalanceReading.objects.of_this_provider("read_at").count() == 1


def test_prices_and_times_are_learnt_anew(demo_site, place, go_live):
    for _ in range(5):
        draw(demo_site[0], place)
    row = Generation.objects.first()
    kind = (row.size, row.speed)
    assert kind in learned_prices(row.model, [kind])
    Attempt.objects.update(answered_at=F("sent_at") + timedelta(seconds=500))
    assert usual_duration(row.model, row.size, row.speed).low == 500
    UsualPrice.objects.create(model=row.model, size=row.size, speed=row.speed, price=Decimal(1))
    go_live()

    assert learned_prices(row.model, [kind]) == {}
    assert usual_duration(row.model, row.size, row.speed).high < 100
    assert not UsualPrice.objects.exists()


def test_pauses_of_the_emulator_end_and_those_of_people_stay(demo_site, go_live):
    for cause in (PauseCause.CREDITS, PauseCause.FAILING, PauseCause.BY_HAND):
        pauses.pause(cause, "Why.")
    assert AdminAlertThrottle.objects.exists()
    go_live()

    assert set(ProviderPause.objects.filter(ended_at=None).values_list("cause", flat=True)) == {PauseCause.BY_HAND}
    assert not AdminAlertThrottle.objects.exists()


def test_debug_off_is_no_other_provider(demo_site, settings):
    BalanceReading.objects.create(credits=25, free_credits=0)
    settings.DEBUG = False

    apply_mode()

    assert BalanceReading.objects.of_this_provider("read_at").count() == 1

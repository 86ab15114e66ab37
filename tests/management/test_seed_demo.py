"""The demo_team team, drawn by the emulator through the same doors as everything else."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from generations.models import (
    Attempt,
    Collection,
    Favourite,
    Generation,
    Image,
    Membership,
    State,
    Tag,
    User,
    uuid7_time,
)
from generations.services.teams import demo_team

pytestmark = pytest.mark.django_db(transaction=True)
PICTURES = 6


@pytest.fixture
def demo_site(emulator, settings):
    settings.DEBUG = True
    # Several are drawn at once; on a crowded machine one takes longer than the five seconds that other tests allow.
    settings.SEGMIND_TIMEOUT = 120
    return emulator


def seed(capsys, *arguments):
    call_command("seed_demo", "--pictures", str(PICTURES), *arguments)
    return capsys.readouterr().out.strip()


def test_demo_team_has_three_users_and_finished_pictures(demo_site, capsys):
    before = demo_site.control.spent

    assert seed(capsys) == "6 of 6 pictures generated for the Harbour team."

    assert set(Membership.objects.values_list("user__email", "role")) == {
        ("owner@demo.test", "owner"),
        ("member@demo.test", "member"),
        ("viewer@demo.test", "viewer"),
    }
    assert set(Generation.objects.values_list("state", flat=True)) == {State.DONE}
    assert Image.objects.count() == Attempt.objects.count() == PICTURES
    assert sum(row.cost for row in Generation.objects.all()) == demo_site.control.spent - before
    assert Favourite.objects.count() == 3 * 5


def test_demo_lies_in_the_past_and_its_times_agree(demo_site, capsys):
    seed(capsys)

    for row in Generation.objects.all():
        attempt = row.attempts.get()
        assert uuid7_time(row.id) <= row.queued_at <= attempt.sent_at <= attempt.answered_at == row.finished_at
        assert row.finished_at < timezone.now()
        assert 3 < (attempt.answered_at - attempt.sent_at).total_seconds() < 40


def test_demo_users_can_sign_in_and_are_offered(demo_site, capsys):
    seed(capsys)

    assert [person.email for person in Client().get("/login/").context["demo"]] == [
        "owner@demo.test",
        "member@demo.test",
        "viewer@demo.test",
    ]
    for email in ("owner@demo.test", "member@demo.test", "viewer@demo.test"):
        answer = Client().post("/login/", {"username": email, "password": "demo-gallery"})
        assert (answer.status_code, answer["Location"]) == (302, "/")


def test_demo_has_something_to_review(demo_site, capsys):
    seed(capsys)
    team = Membership.objects.first().team
    client = Client()
    client.force_login(User.objects.get(email="member@demo.test"))
    manager = Client()
    manager.force_login(User.objects.get(email="owner@demo.test"))

    forty_days = f"from={timezone.localdate() - timedelta(days=45)}"
    whole = manager.get(f"/t/{team.slug}/credits/?{forty_days}").context
    own = client.get(f"/t/{team.slug}/credits/?{forty_days}").context
    spent = sum(row.cost for row in Generation.objects.all())

    assert whole["numbers"][0].value == f"${spent:,.2f}"
    assert own["numbers"][0].value != whole["numbers"][0].value
    assert len([day for day in whole["days"] if not day.nothing]) > 2
    assert "Limit: $3.00 per month" in whole["numbers"][1].notes
    assert (Collection.objects.count(), Tag.objects.count() > 1) == (1, True)


def test_second_seeding_changes_nothing(demo_site, capsys):
    seed(capsys)

    assert seed(capsys) == "The demo team already has pictures; nothing to do."
    assert (Generation.objects.count(), User.objects.count()) == (PICTURES, 3)


def test_same_seed_gives_the_same_gallery(demo_site):
    people = demo_team.create_people()
    wishes = [
        [
            (row.prompt, row.size, row.speed, row.author)
            for row in demo_team.order_pictures(people=people, count=9, seed=seed)
        ]
        for seed in (1, 1, 2)
    ]

    assert wishes[0] == wishes[1] != wishes[2]


def test_emulator_is_as_fast_as_before_afterwards(demo_site, capsys):
    behaviour = demo_site.control.behaviour
    before = (behaviour.speed_up, behaviour.rpm)

    with demo_team.hurried_emulator():
        assert (behaviour.speed_up, behaviour.rpm) == (1000, 100_000)

    assert (behaviour.speed_up, behaviour.rpm) == before


@pytest.mark.parametrize(("debug", "emulated"), [(False, True), (True, False), (False, False)])
def test_demo_is_refused_where_pictures_cost_money_or_users_are_real(settings, emulator, debug, emulated):
    settings.DEBUG, settings.EMULATED = debug, emulated

    with pytest.raises(CommandError, match=r"manage\.py create_user EMAIL --team NAME --role owner"):
        call_command("seed_demo")

    assert not User.objects.exists()


def test_demo_users_are_not_offered_with_a_real_provider(demo_site, settings):
    demo_team.create_people()
    settings.EMULATED = False

    assert demo_team.demo_people() == []


def test_only_the_owner_of_the_demo_is_a_superuser(demo_site, capsys):
    seed(capsys)

    rights = User.objects.values_list("email", "is_superuser", "is_staff")
    assert set(rights) == {
        ("owner@demo.test", True, True), ("member@demo.test", False, False), ("viewer@demo.test", False, False),
    }  # fmt: skip

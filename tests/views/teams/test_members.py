"""The page of people: what each role sees and may do there, with plain forms."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.db.models import F
from django.utils import timezone

from generations.models import Budget, Invitation, Membership, RateLimitUse, Role, Team
from generations.permissions import TABLE, VERB_LABELS, Verb
from generations.services.site import rate_limits
from generations.services.teams.invitations import invite
from tests.factories import make_person, order

pytestmark = pytest.mark.django_db
PAGE = "/t/harbour/people/"
DORA = "dora@example.test"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
# Session, user, team, role, its people, role again, all teams, role for the bar, queue, money, and the notice.
QUERIES = 14


@pytest.fixture
def maria(team):
    return make_person("Maria", team, Role.MANAGER)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)][-1]


def link_in(text):
    return re.search(r"http://testserver(/invitation/[\w-]{43}/)", text)[1]


def role(user):
    return Membership.objects.filter(user=user).values_list("role", flat=True).first()


@pytest.mark.parametrize("name", ["alice", "maria", "bob", "vera"])
def test_everybody_of_the_team_sees_who_is_in(request, as_, alice, maria, bob, vera, name):
    response = as_(request.getfixturevalue(name)).get(PAGE)

    assert [one.name for one in response.context["members"]] == ["Alice", "Maria", "Bob", "Vera"]
    assert response.context["invites"] == (name in {"alice", "maria"})
    assert ("Invite people" in response.content.decode()) == (name in {"alice", "maria"})


def test_stranger_finds_nothing(as_, charlie, alice, bob):
    client = as_(charlie)

    assert client.get(PAGE).status_code == 404
    for address in ("", "leave", "team", f"{bob.pk}/role", f"{bob.pk}/remove"):
        assert client.post(PAGE + address, {"role": "owner"}).status_code == 404


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_those_who_may_not_get_403(request, as_, alice, bob, vera, team, name):
    invitation, _ = invite(actor=alice, team=team, role=Role.VIEWER)
    client = as_(request.getfixturevalue(name))

    for address in (
        "", "team", f"{alice.pk}/role", f"{alice.pk}/remove", f"invitations/{invitation.pk}/renew",
        f"invitations/{invitation.pk}/revoke",
    ):  # fmt: skip
        assert client.post(PAGE + address, {"role": "viewer", "name": "x"}).status_code == 403, address
    assert role(alice) == "owner"


def test_every_verb_has_words_and_the_page_shows_the_table(as_, vera):
    verbs = as_(vera).get(PAGE).context["verbs"]

    assert list(VERB_LABELS) == list(Verb)
    assert [verb.words for verb in verbs] == list(VERB_LABELS.values())
    assert [[row for row, may in zip(Role.values, verb.roles, strict=True) if may] for verb in verbs] == [
        [row for row in Role.values if verb in TABLE[row]] for verb in Verb
    ]


def test_manager_is_offered_only_what_she_may_give(as_, alice, maria, bob):
    rows = {one.name: one for one in as_(maria).get(PAGE).context["members"]}

    assert [one.value for one in rows["Bob"].roles] == ["viewer", "member"]
    assert (rows["Alice"].roles, rows["Maria"].roles) == ([], [])
    assert [rows[name].removes for name in ("Alice", "Maria", "Bob")] == [False, False, True]


def test_role_is_changed_and_a_role_out_of_reach_is_403(as_, alice, maria, bob):
    assert said(as_(maria).post(f"{PAGE}{bob.pk}/role", {"role": "viewer"})) == "Bob is now a viewer."
    assert as_(maria).post(f"{PAGE}{bob.pk}/role", {"role": "owner"}).status_code == 403
    assert as_(maria).post(f"{PAGE}{alice.pk}/role", {"role": "viewer"}).status_code == 403
    assert as_(alice).post(f"{PAGE}{bob.pk}/role", {"role": "king"}).status_code == 404
    assert as_(alice).post(f"{PAGE}{10**30}/role", {"role": "viewer"}).status_code == 404
    assert role(bob) == "viewer"


def test_removed_person_finds_nothing_at_the_next_click(as_, alice, bob, team):
    (row,) = order(bob, team)
    page = as_(bob)
    assert page.get(f"/g/{row.id}/").status_code == 200

    response = as_(alice).post(f"{PAGE}{bob.pk}/remove")

    assert said(response) == "Bob was removed from Harbour team. 1 queued picture was cancelled."
    for address in ("/t/harbour/", f"/g/{row.id}/", PAGE, "/t/harbour/poll/"):
        assert page.get(address).status_code == 404
    assert page.post("/t/harbour/generations/", {"prompt": "words"}).status_code == 404
    assert as_(alice).post(f"{PAGE}{bob.pk}/remove").status_code == 404


def test_person_leaves_and_the_last_owner_does_not(as_, alice, bob):
    response = as_(bob).post(f"{PAGE}leave")
    assert (response["Location"], said(response)) == ("/accounts/", "You left Harbour team.")

    assert "Alice is the only owner of Harbour team" in said(as_(alice).post(f"{PAGE}leave"))
    assert (role(alice), role(bob)) == ("owner", None)


def test_mail_brings_the_link_and_the_page_does_not_show_it(as_, alice):
    response = as_(alice).post(PAGE, {"email": DORA, "role": "member", "by": "mail"})

    assert (response["Location"], said(response)) == (PAGE, f"Invitation sent to {DORA}. Role: Member.")
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([DORA], "Alice invited you to Harbour team on HiDream Gallery")
    assert as_(alice).get(link_in(letter.body)).status_code == 200


def test_thirty_invitations_in_a_row_are_one_letter(as_, maria):
    client = as_(maria)

    answers = [client.post(PAGE, {"email": DORA, "role": "member", "by": "mail"}) for _ in range(30)]

    assert len(mail.outbox) == 1
    assert [answer.status_code for answer in answers] == [302] + [429] * 29
    page = answers[4].content.decode()
    assert "This email address has reached the limit for invitations: 1 per minute." in page
    assert 0 < int(answers[4]["Retry-After"]) <= 60
    # The first one still opens the team.
    assert client.get(link_in(mail.outbox[0].body)).status_code == 200
    assert client.post(PAGE, {"email": DORA, "role": "member", "by": "link"}).status_code == 200


def test_links_of_a_day_come_to_an_end(as_, maria):
    RateLimitUse.objects.bulk_create(
        RateLimitUse(action="invitation_link", subject=f"user:{maria.pk}") for _ in range(199)
    )
    RateLimitUse.objects.update(at=F("at") - rate_limits.HOUR)
    client = as_(maria)

    answers = [client.post(PAGE, {"role": "member", "by": "link"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    page = answers[1].content.decode()
    assert "reached the limit for creating invitation links: 200 per day." in page
    assert "Or create a link" not in page
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("form", [{"email": DORA, "by": "link"}, {"email": "", "by": "mail"}, {}])
def test_link_to_copy_is_shown_once(as_, alice, form):
    client = as_(alice)

    shown = client.post(PAGE, {"role": "viewer", **form})

    link = link_in(shown.content.decode())
    assert (mail.outbox, link in client.get(PAGE).content.decode()) == ([], False)
    assert link.split("/")[2] not in str(Invitation.objects.values())


def test_site_without_mail_offers_the_link(as_, alice, settings):
    settings.EMAIL_BACKEND = CONSOLE

    shown = as_(alice).post(PAGE, {"email": DORA, "role": "member", "by": "mail"})

    assert link_in(shown.content.decode())
    assert "Email isn't set up on this site" in shown.content.decode()


def test_mail_that_fails_leaves_the_link(as_, alice, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    shown = as_(alice).post(PAGE, {"email": DORA, "role": "member", "by": "mail"}).content.decode()

    assert link_in(shown)
    assert "We couldn't send the email." in shown


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"email": "nobody", "role": "member"}, "Enter a valid email address."),
        ({"email": DORA, "role": "owner"}, "owner is not one of the available choices."),
        ({"email": "alice@example.test", "role": "viewer"}, "alice@example.test is already in Harbour team."),
    ],
)
def test_invitation_that_cannot_be_sent_stays_in_the_form(as_, alice, maria, form, sentence):
    response = as_(maria).post(PAGE, form)

    assert response.status_code == 422
    assert re.search(rf'<p class="field-error">[^<]*{re.escape(sentence)}</p>', response.content.decode())
    assert f'value="{form["email"]}"' in response.content.decode()
    assert not Invitation.objects.exists()


def test_second_invitation_of_an_address_says_what_it_replaces(as_, alice):
    client = as_(alice)
    client.post(PAGE, {"email": DORA, "role": "manager", "by": "link"})

    mailed = client.post(PAGE, {"email": DORA, "role": "member", "by": "mail"})
    shown = client.post(PAGE, {"email": DORA, "role": "viewer", "by": "link"})

    assert said(mailed) == (
        f"Invitation sent to {DORA}. Role: Member. It replaces an earlier invitation (role: Manager)."
    )
    page = shown.content.decode()
    assert f"Role: Viewer. Only {DORA} can use the link, once, within 7 days." in page
    assert "It replaces an earlier invitation (role: Member)." in page


def test_invitation_is_sent_again_and_revoked(as_, alice, team):
    invitation, _ = invite(actor=alice, team=team, role=Role.MEMBER, email=DORA)
    client, base = as_(alice), f"{PAGE}invitations/{invitation.pk}/"

    assert said(client.post(base + "renew")) == f"Invitation sent to {DORA}. Role: Member."
    assert client.post(base + "renew").status_code == 429
    RateLimitUse.objects.update(at=F("at") - rate_limits.MINUTE)
    assert said(client.post(base + "revoke")) == "Invitation revoked."
    assert said(client.post(base + "revoke")) == "This invitation has already been used or revoked."
    assert said(client.post(base + "renew")) == "This invitation has already been used or revoked."
    assert client.get(PAGE).context["invitations"] == []


def test_invitations_of_another_team_are_not_there(as_, alice, charlie):
    theirs, _ = invite(actor=charlie, team=charlie.teams.get(), role=Role.MEMBER)

    assert as_(alice).post(f"{PAGE}invitations/{theirs.pk}/revoke").status_code == 404
    assert as_(alice).post(f"{PAGE}{charlie.pk}/remove").status_code == 404


def test_expired_invitation_says_so(as_, alice, team):
    invite(actor=alice, team=team, role=Role.MEMBER, email=DORA)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert as_(alice).get(PAGE).context["invitations"][0].expired


def test_owner_sets_name_and_visibility_and_the_address_stays(as_, alice, maria):
    form = {"name": " Sea  team ", "default_visibility": "private"}

    assert said(as_(alice).post(f"{PAGE}team", form)) == "Saved."
    team = Team.objects.get()
    assert (team.name, team.slug, team.default_visibility) == ("Sea team", "harbour", "private")
    assert as_(maria).post(f"{PAGE}team", form).status_code == 403
    assert "This field is required." in said(as_(alice).post(f"{PAGE}team", {**form, "name": " "}))


def test_new_pictures_follow_the_team(alice, team):
    Team.objects.update(default_visibility="private")
    team.refresh_from_db()

    assert order(alice, team)[0].visibility == "private"


@pytest.fixture
def everybody_makes_teams(settings):
    settings.TEAM_CREATION = "everybody"


@pytest.fixture
def root(db):
    user = make_person("Root")
    user.is_superuser = True
    user.save()
    return user


def test_superuser_makes_a_team_and_owns_it(as_, root):
    response = as_(root).post("/teams/new/", {"name": "River team"})

    assert response["Location"] == "/t/river-team/"
    assert Membership.objects.get(team__slug="river-team").role == "owner"


def test_member_makes_a_team_where_everybody_does(as_, bob, everybody_makes_teams):
    assert as_(bob).post("/teams/new/", {"name": "River team"})["Location"] == "/t/river-team/"
    assert Membership.objects.get(team__slug="river-team").role == "owner"


@pytest.mark.parametrize("name", ["alice", "bob", "vera"])
def test_nobody_else_makes_a_team(request, as_, alice, bob, vera, name):
    client = as_(request.getfixturevalue(name))

    for answer in (client.get("/teams/new/"), client.post("/teams/new/", {"name": "Mine"})):
        assert answer.status_code == 403
        assert "Only site admins can create teams. Ask one of them." in answer.content.decode()
    assert Team.objects.count() == 1
    assert "/teams/new/" not in client.get("/t/harbour/").content.decode()


def test_link_to_a_new_team_is_shown_to_those_who_may(as_, bob, vera, root, team, everybody_makes_teams):
    Membership.objects.create(user=root, team=team, role=Role.VIEWER)

    links = {one.name: "/teams/new/" in as_(one).get("/t/harbour/").content.decode() for one in (bob, vera, root)}
    assert links == {"Bob": True, "Vera": False, "Root": True}


def test_who_is_in_no_team_reads_whom_to_ask(as_, root):
    page, of_root = (as_(one).get("/").content.decode() for one in (make_person("Nora"), root))

    assert "ask a site admin" in page
    assert ("/teams/new/" in page, "/teams/new/" in of_root) == (False, True)


def test_member_at_the_limit_does_not_get_round_it_by_a_new_team(as_, bob, team, settings, everybody_makes_teams):
    """Where everybody makes teams, a new one has the site's limit, which its owner can neither raise nor remove."""
    settings.NEW_TEAM_MONTHLY_LIMIT = Decimal("0.01")
    client = as_(bob)
    client.post("/teams/new/", {"name": "Mine"})
    limit = Budget.objects.get(team__slug="mine")

    assert (limit.hard, limit.soft, limit.span, limit.by_site, limit.person) == (
        Decimal("0.01"),
        None,
        "month",
        True,
        None,
    )
    page = client.get("/t/mine/credits/limits/").content.decode()
    assert "Limit <b>$0.01</b>" in page
    assert "Set by a site admin." in page
    for way in ("change", "remove"):
        assert client.post(f"/t/mine/credits/limits/{limit.pk}/{way}", {"hard": "500"}).status_code == 403
    refused = client.post("/t/mine/generations/", {"prompt": "a quiet harbour", "count": "8"})
    assert refused.status_code == 402
    assert "Ask a site admin to raise it." in refused.content.decode()


def test_new_team_page_names_the_limit(as_, root, settings):
    assert "The team starts with a limit of <b>$10.00 a month</b>" in as_(root).get("/teams/new/").content.decode()
    settings.NEW_TEAM_MONTHLY_LIMIT = None
    assert "It has no spending limit until you set one." in " ".join(
        as_(root).get("/teams/new/").content.decode().split()
    )


def test_team_called_as_one_of_hers_is_refused_and_as_one_of_others_is_not(as_, bob, charlie, everybody_makes_teams):
    refused = as_(bob).post("/teams/new/", {"name": " harbour   Team"})

    assert refused.status_code == 422
    html = refused.content.decode()
    assert "You&#x27;re already in a team with this name. Choose another name." in html
    assert 'value="harbour Team"' in html or 'value=" harbour   Team"' in html
    assert as_(charlie).post("/teams/new/", {"name": "Harbour team"})["Location"] == "/t/harbour-team/"


@pytest.mark.parametrize("name", ["vera", "nora"])
def test_those_who_may_order_nowhere_make_no_team(as_, vera, team, name, everybody_makes_teams):
    person = vera if name == "vera" else make_person("Nora")

    page = as_(person).get("/teams/new/")
    assert page.status_code == 403
    assert "once you can generate pictures in another one" in page.content.decode()
    assert as_(person).post("/teams/new/", {"name": "Sea"}).status_code == 403


def test_people_come_in_pages(as_, alice, team, monkeypatch):
    monkeypatch.setattr("generations.queries.teams.members.PAGE", 2)
    for name in ("Bob", "Carl", "Dora"):
        make_person(name, team)
    client = as_(alice)

    first = client.get(PAGE)
    second = client.get(f"{PAGE}?after={first.context['after']}")

    names = [[one.name for one in page.context["members"]] for page in (first, second)]
    assert names == [["Alice", "Bob"], ["Carl", "Dora"]]
    assert (second.context["after"], client.get(f"{PAGE}?after=x").status_code) == (None, 200)


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_one_and_three(as_, alice, team, number, django_assert_num_queries):
    for n in range(number):
        make_person(f"Person{n}", team)
        invite(actor=alice, team=team, role=Role.MEMBER)
    client = as_(alice)
    client.get(PAGE)

    with django_assert_num_queries(QUERIES):
        client.get(PAGE)

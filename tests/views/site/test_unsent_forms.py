"""A form that is sent after the session has ended: nothing is carried out, and its user finds it filled."""

import time
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from generations.models import ApprovalRequest, Collection, Comment, Generation, Session, SignOff, Team
from generations.pipeline.recovery.retention import delete_expired_sessions
from generations.queries.spending.review import month_around
from generations.services.activity import comments
from generations.services.collections import collections
from generations.services.orders.approvals import submit_or_request_approval
from generations.services.orders.submit import GenerationRequest
from generations.views.site import unsent_forms
from tests.factories import PASSWORD, clean_values, draw

pytestmark = pytest.mark.django_db
GALLERY = "/t/harbour/?layout=grid"
WORDS = 'a <b>ferry</b> & "two" gulls'


class Fields(HTMLParser):
    """The texts and the chosen boxes of each form of a page, by the address the form sends to."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.form, self.area = {}, None, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        if tag == "form":
            self.form = self.forms.setdefault(said.get("action", ""), {})
        elif tag == "textarea" and self.form is not None:
            self.area = said["name"]
            self.form[self.area] = ""
        elif tag == "input" and self.form is not None and "name" in said and self.counts(said):
            self.form[said["name"]] = said.get("value", "")

    def counts(self, said):
        return said.get("type") not in {"radio", "checkbox"} or "checked" in said

    def handle_data(self, data):
        if self.area:
            self.form[self.area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            # The parser of a browser leaves out a line feed at the beginning.
            self.form[self.area] = self.form[self.area].removeprefix("\n")
            self.area = None
        elif tag == "form":
            self.form = None


def fields(client, page, action):
    answer = client.get(page)
    assert answer.status_code == 200
    return Fields(answer.content.decode()).forms[action]


def end_session(client):
    """As it ends by itself: the browser drops the cookie."""
    del client.cookies["sessionid"]


def sign_in(client, user, answer):
    """By the form that `answer` leads to; where that leads on."""
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/?next=")
    target = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    entered = client.post("/login/", {"username": user.email, "password": PASSWORD, "next": target})
    assert (entered.status_code, entered["Location"]) == (302, target)
    return target


def count_all():
    models = (Generation, Comment, Collection, SignOff, ApprovalRequest)
    return {model: list(model.objects.order_by("pk").values()) for model in models}


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team)


@pytest.fixture
def forms(alice, bob, team, picture):
    """Each form in which people write: its page, where it sends to, and what is typed."""
    alice.is_superuser = True
    alice.save()
    comment = comments.write(actor=alice, generation=picture, text="as it was")[0]
    collection = collections.create(actor=alice, team=team, name="Ferries", description="as it was")
    month = month_around(timezone.localdate().replace(day=1) - timedelta(days=32))
    Team.objects.update(created_at=month.since, approval_above=0)
    waits = submit_or_request_approval(actor=bob, team=Team.objects.get(), order=GenerationRequest(clean_values(), 1))
    assert isinstance(waits, ApprovalRequest)
    picture_page, shelf = f"/g/{picture.id}/", f"/t/harbour/collections/{collection.pk}/"
    return {
        "composer": (GALLERY, "/t/harbour/generations/?layout=grid", {"prompt": WORDS, "count": "3"}),
        "sweep": (
            "/t/harbour/parameter-grid/",
            "/t/harbour/parameter-grid/",
            {"prompt": WORDS, "x-seeds": "7, 8", "x-do": "order"},
        ),
        "comment": (picture_page, f"{picture_page}comments/", {"text": WORDS}),
        "changed comment": (picture_page, f"{picture_page}comments/{comment.pk}/change", {"text": WORDS}),
        "new collection": ("/t/harbour/collections/",) * 2 + ({"name": "Gulls", "description": WORDS},),
        "collection": (shelf, f"{shelf}edit", {"name": "Gulls", "description": WORDS, "order": "hand"}),
        "month": (f"/t/harbour/credits/sign-off/{month.first:%Y-%m}/",) * 2 + ({"note": WORDS},),
        "request": ("/t/harbour/approvals/", f"/t/harbour/approvals/{waits.pk}/decide", {"note": WORDS}),
        "pause": ("/provider/", "/provider/pause", {"reason": WORDS}),
    }


FORMS = ["composer", "sweep", "comment", "changed comment", "new collection", "collection", "month", "request", "pause"]


@pytest.mark.parametrize("name", FORMS)
def test_what_was_typed_is_back_after_signing_in_and_nothing_was_done(as_, alice, forms, name):
    client, (page, action, typed) = as_(alice), forms[name]
    sent = {**fields(client, page, action), **typed}
    before = count_all()
    end_session(client)

    answer = client.post(action, sent)

    assert "Your session expired" in client.get(answer["Location"]).content.decode()
    target = sign_in(client, alice, answer)
    assert target.startswith(page)
    shown = fields(client, target, action)
    assert {name: shown.get(name) for name in typed if name != "x-do"} == {
        name: value for name, value in typed.items() if name != "x-do"
    }
    assert count_all() == before
    # A session of its usual length.
    assert client.session.get_expiry_age() > 13 * 24 * 3600


@pytest.mark.parametrize("name", FORMS)
def test_somebody_else_who_signs_in_finds_nothing_of_it(as_, alice, bob, forms, name):
    client, (page, action, typed) = as_(alice), forms[name]
    sent = {**fields(client, page, action), **typed}
    end_session(client)

    sign_in(client, bob, client.post(action, sent))

    assert "unsent-form" not in client.session
    assert "ferry" not in client.get(page).content.decode()
    # Nor does its user, in a session that somebody else had in between.
    client.post("/logout/")
    client.force_login(alice)
    assert "ferry</b> &amp; " not in client.get(page).content.decode()


def test_only_the_named_user_is_told_though_the_session_were_the_same(as_, alice, bob, picture):
    client, action = as_(bob), f"/g/{picture.id}/comments/"
    session = client.session
    session["unsent-form"] = {"form": action, "fields": "text=ferry", "user": alice.pk, "at": time.time()}
    session.save()

    assert "ferry" not in client.get(f"/g/{picture.id}/").content.decode()


def test_prompt_on_its_way_to_the_sweep_is_back_in_the_composer(as_, alice, team):
    client, action = as_(alice), "/t/harbour/generations/"
    sent = {**fields(client, "/t/harbour/", action), "prompt": WORDS, "x-do": "fill"}
    end_session(client)

    assert sign_in(client, alice, client.post("/t/harbour/parameter-grid/", sent)) == "/t/harbour/"
    assert fields(client, "/t/harbour/", action)["prompt"] == WORDS


def test_it_is_told_once_and_for_an_hour(as_, alice, team, clock):
    client, action = as_(alice), "/t/harbour/generations/"
    sent = {**fields(client, "/t/harbour/", action), "prompt": WORDS}
    for wait, first, second in ((3500, WORDS, ""), (3700, "", "")):
        end_session(client)
        answer = client.post(action, sent)
        client.force_login(alice)
        clock.move(wait)
        assert [fields(client, "/t/harbour/", action)["prompt"] for _ in range(2)] == [first, second]
        assert answer.status_code == 302


@pytest.mark.parametrize("token", ["", "made-up", "WzEsIi8iXQ:1xXmzR:AAAA"])
def test_form_that_does_not_say_whose_it_is_is_not_kept(as_, alice, team, token):
    client = Client()

    answer = client.post("/t/harbour/generations/", {"prompt": WORDS, "x-form": token})

    assert answer["Location"].startswith("/login/")
    assert not Session.objects.exists()


def test_too_much_is_not_kept(as_, alice, team):
    client, action = as_(alice), "/t/harbour/generations/"
    sent = {**fields(client, "/t/harbour/", action), "prompt": "y" * 70_000}
    end_session(client)

    sign_in(client, alice, client.post(action, sent))

    assert fields(client, "/t/harbour/", action)["prompt"] == ""


def test_browsers_without_a_session_cannot_fill_the_database(alice, team, monkeypatch):
    """One form of one user in a second; each would be a row."""
    asked = []
    monkeypatch.setattr(unsent_forms.login_throttle, "acquire_once", lambda *who: asked.append(who) or len(asked) == 1)  # type: ignore[attr-defined, redundant-expr]
    sent = {"prompt": WORDS, "x-form": unsent_forms.token_of_form(alice, "/t/harbour/")}

    for _ in range(5):
        assert Client().post("/t/harbour/generations/", sent).status_code == 302

    assert Session.objects.count() == 1
    assert (Session.objects.get().expire_date - timezone.now()).total_seconds() <= 3600


def test_sessions_that_have_ended_are_deleted_with_what_is_in_them(as_, alice):
    as_(alice)
    ended = Session.objects.create(session_key="over", expire_date=timezone.now() - timedelta(seconds=1))

    assert delete_expired_sessions() == 1
    assert not Session.objects.filter(pk=ended.pk).exists()
    assert Session.objects.filter(user=alice).count() == 1


def test_form_from_before_signing_in_again_comes_back_filled_instead_of_a_refusal(alice, team):
    """Another tab signed in since, and with that the token against forgery has changed."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    action = "/t/harbour/generations/"
    sent = {**fields(client, "/t/harbour/", action), "prompt": WORDS, "csrfmiddlewaretoken": "y" * 64}

    answer = client.post(action, sent)

    assert (answer.status_code, answer["Location"]) == (302, "/t/harbour/")
    page = client.get("/t/harbour/").content.decode()
    assert "so it wasn&#x27;t sent" in page
    assert Fields(page).forms[action]["prompt"] == WORDS
    assert not Generation.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_forged_form_is_refused_as_ever(alice, bob, team, headers):
    """A forger has a field of their own at most."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    for token in ("", "made-up", unsent_forms.token_of_form(bob, "/t/harbour/")):
        answer = client.post("/t/harbour/generations/", {"prompt": WORDS, "x-form": token}, headers=headers)
        assert answer.status_code == 403
    assert "unsent-form" not in client.session


@pytest.mark.parametrize(
    ("form", "headers", "page"),
    [
        ({"next": "/t/harbour/?q=boats"}, {}, "/t/harbour/?q=boats"),
        ({}, {"referer": "http://testserver/t/harbour/queue/?x=1#y"}, "/t/harbour/queue/?x=1"),
        ({"next": "//evil.example/"}, {"referer": "https://evil.example/t/harbour/"}, "/t/harbour/selection/"),
    ],
)
def test_signing_in_leads_to_the_page_a_button_stood_on(alice, team, form, headers, page):
    """Its own address takes forms alone, and showed an error page."""
    answer = Client().post("/t/harbour/selection/", form, headers=headers)

    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == [page]


def test_page_that_leads_away_is_not_followed(alice, team):
    for page in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        answer = Client().post("/t/harbour/generations/", {"x-form": unsent_forms.token_of_form(alice, page)})
        assert parse_qs(urlsplit(answer["Location"]).query)["next"] == ["/"]


def test_description_that_is_too_long_is_back_in_its_field(as_, alice, team):
    collection = collections.create(actor=alice, team=team, name="Ferries", description="as it was")
    client, page = as_(alice), f"/t/harbour/collections/{collection.pk}/"

    client.post(f"{page}edit", {"name": "Gulls", "description": "y" * 5000, "order": "hand"})

    html = client.get(page).content.decode()
    shown = Fields(html).forms[f"{page}edit"]
    assert (shown["name"], shown["description"], shown["order"]) == ("Gulls", "y" * 5000, "hand")
    assert '<details class="menu" name="collection" open>' in html

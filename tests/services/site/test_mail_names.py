"""Names of users and their things in every email: no address, nothing invisible, shortened."""

import re
from pathlib import Path

import pytest
from django.core import mail as post
from django.dispatch import Signal
from django.test import signals
from django.urls import reverse
from django.utils import timezone

from generations import schema
from generations.models import ApprovalRequest, Budget, BudgetAlert, Collection, Digest, Generation, Team, User
from generations.services.accounts import profile, two_factor
from generations.services.activity import comments, digests
from generations.services.activity import notifications as notices
from generations.services.orders import approvals
from generations.services.orders.submit import GenerationRequest
from generations.services.site import mail
from generations.services.spending import limit_alerts
from tests.eventually import eventually
from tests.factories import PASSWORD, clean_values, order

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parents[3] / "templates" / "mail"
# Each part contains an address in a different form; an email must contain none of these words.
HOSTILE = "Win \u202ehttps://evil.example/a you@evil.example evil。example \u200bevil.exam\u200bple now"
EVIL = re.compile(r"evil|exam\u200bple|\u202e|\u200b", re.IGNORECASE)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Alice Müller-O'Neil", "Alice Müller-O'Neil"),
        ("J. R. R. Tolkien, Dr. h.c.", "J. R. R. Tolkien, Dr. h.c."),
        ("Win https://evil.example/x now", "Win now"),
        ("HTTP://1.2.3.4/ me", "me"),
        ("me you@evil.example", "me"),
        ("me \uff59\uff4f\uff55\uff20evil\uff0eexample", "me"),
        ("me evil.example:80/x?y (evil.example) www.evil", "me"),
        ("me evil。example evil｡example", "me"),
        ("me ev\u200bil.exam\u00adple", "me"),
        ("me xn--80ak6aa92e.com пример.рф evil.xn--p1ai", "me"),
        ("me 192.0.2.1 mailto:x tel:+12345", "me"),
        ("me\r\nBcc: x\u2028y\u0000", "me Bcc: x y"),
        ("\u202eme\u2066", "me"),
        ("Version 2.0, 3.5 % for $10.00", "Version 2.0, 3.5 % for $10.00"),
        ("evil.example", ""),
        ("x" * 41, "x" * 39 + "…"),
        ("", ""),
    ],
)
def test_name_in_a_mail(name, plain):
    assert mail.plain_name(name) == plain


@pytest.fixture
def named(team, alice, bob, settings):
    """Give Alice, who owns the team, Bob, who generates, and the team names that would be links."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    User.objects.update(name=HOSTILE, digest=Digest.HOURLY)
    Team.objects.update(name=HOSTILE, approval_above=schema.get().list_price)
    for one in (team, alice, bob):
        one.refresh_from_db()
    return team


@pytest.fixture
def rendered():
    """Yield the names of the templates that are rendered."""
    names = set()

    def note(template, **more):
        names.add(template.name)

    assert isinstance(signals.template_rendered, Signal)
    signals.template_rendered.connect(note)
    yield names
    signals.template_rendered.disconnect(note)


def send_invitation(as_, alice, team):
    as_(alice).post(
        reverse("people", args=[team.slug]), {"email": "dora@elsewhere.test", "role": "member", "by": "mail"}
    )


def send_about_accounts(as_, alice, client):
    as_(alice).post(reverse("change_email"), {"email": "new@elsewhere.test", "current_password": PASSWORD})
    client.post(reverse("password_reset"), {"email": alice.email})
    token = profile.email_change_token(user=alice, new="newer@elsewhere.test")
    client.post(reverse("confirm_email", args=[token]))
    two_factor._tell(alice, two_factor.Change.PASSKEY_ADDED, passkey=HOSTILE)


def send_about_orders(alice, bob, team):
    asked = approvals.submit_or_request_approval(actor=bob, team=team, order=GenerationRequest(clean_values(), 3))
    assert isinstance(asked, ApprovalRequest)
    approvals.reject(actor=alice, request=asked)


def send_digest(alice, bob, team):
    Team.objects.update(approval_above=None)
    (row,) = order(bob, team)
    Generation.objects.update(state="done", finished_at=timezone.now())
    row.refresh_from_db()
    comments.write(actor=alice, generation=row, text="fine")
    assert digests.send_due() == 1


def send_about_spending(alice, team):
    shelf = Collection.objects.create(team=team, name=HOSTILE, author=alice)
    budget = Budget.objects.create(team=team, hard=10, collection=shelf)
    alert = BudgetAlert.objects.create(budget=budget, begins=timezone.localdate(), threshold=100, limit=10, used=10)
    notices.notify_limit(alert, [alice.pk])
    assert limit_alerts.send_due() == 1
    part = {"team": HOSTILE, "people": [(HOSTILE, "$1")], "sum": "$1", "charges": 1, "slug": team.slug}
    part |= {"everybody": True, "change": "more", "more": 0, "failed": 0, "pictures": 0, "unknown": 0}
    assert mail.send(
        "spending_report", alice.email, user=alice, parts=[part], said="in May 2026", site="https://ours.test"
    )


@pytest.mark.django_db(transaction=True)
def test_no_name_is_an_address_in_any_mail(named, alice, bob, as_, client, rendered):
    """Each is sent by the site's own code; a new template fails until it is sent here."""
    send_invitation(as_, alice, named)
    send_about_accounts(as_, alice, client)
    send_about_orders(alice, bob, named)
    send_digest(alice, bob, named)
    send_about_spending(alice, named)

    letters = {path.stem for path in FOLDER.glob("*.txt") if not path.stem.startswith("_")}
    assert {name.removeprefix("mail/").removesuffix(".txt") for name in rendered if name.startswith("mail/")} >= letters
    assert letters == mail.HOURLY_LIMITS.keys()
    eventually(lambda: len(post.outbox) >= len(letters))
    for letter in post.outbox:
        assert not EVIL.search(str(letter.subject)), letter.subject
        assert len(letter.subject) <= mail.MAX_SUBJECT_LENGTH
        assert not EVIL.search(str(letter.body)), letter.body


def test_mail_to_a_stranger_says_who_sent_it_and_from_which_site(as_, alice, team, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    send_invitation(as_, alice, team)

    (letter,) = post.outbox
    assert letter.subject == "Alice invited you to Harbour team on HiDream Gallery"
    assert "Alice (alice@example.test) sent this from HiDream Gallery at http://testserver/." in letter.body


def test_order_whose_letter_had_no_room_stands_in_the_next_digest(
    named, alice, bob, settings, django_capture_on_commit_callbacks
):
    Team.objects.update(name="Harbour team")
    User.objects.filter(pk=bob.pk).update(name="Bob")
    bob.refresh_from_db()
    settings.MAIL_PER_HOUR = 1
    assert mail.send("digest", alice.email, user=alice, count=0, news=[], more=0, site="")
    with django_capture_on_commit_callbacks(execute=True):
        approvals.submit_or_request_approval(actor=bob, team=named, order=GenerationRequest(clean_values(), 3))
    assert (len(post.outbox), digests.send_due()) == (1, 0)

    settings.MAIL_PER_HOUR = 2

    User.objects.update(digest_at=None)
    assert digests.send_due() == 1
    assert "- Bob asked you to approve a request · Harbour team\n  " in post.outbox[1].body
    assert f"/t/{named.slug}/approvals/" in post.outbox[1].body

"""Every form of the site has a rate limit or a reason to have none; a refusal says when the action works again."""

import inspect
import threading
import uuid
from io import BytesIO

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail as post
from django.db.models import F
from django.utils import timezone

from generations.errors import TooManyRequests
from generations.models import Comment, Generation, RateLimitUse, Role, ShareLink
from generations.services.accounts import two_factor
from generations.services.site import rate_limits
from generations.services.site.rate_limits import HOUR, LIMITS, MINUTE, Per
from generations.urls import urlpatterns
from tests.factories import PASSWORD, draw, make_person, order
from tests.infrastructure.authenticator import set_up_app
from tests.sharing import collect, outsider, share

pytestmark = pytest.mark.django_db
MONEY = "limits of money, and of the pictures that one user may have waiting"
GUESSING = "wrong ones make the next try wait (services/accounts/login_throttle.py)"
ONE_ROW = "sets a value of a row that is there, and writes none"
GOES = "takes away what is there, each once"
AUDITED = "a change by whoever runs the team or the site, which the audit trail keeps"
SIGNS_IN = "signs in; there is nothing to repeat"

LIMITED = {
    "people": "invitation",
    "renew_invitation": "invitation",
    "change_email": "address_change",
    "password_reset": "password_reset",
    "create": "approval_request",
    "parameter_grid": "approval_request",
    "comment": "comment",
    "change_comment": "comment",
    "collections": "collection",
    "share": "share_link",
    "share_collection": "share_link",
    "change_link": "share_link_change",
    "report": "report",
    "public_report": "visitor_report",
    "save_search": "saved_search",
    "presets": "preset",
    "selection": "selection",
    "verify": "upload",
    "dropped_picture": "upload",
    "new_team": "team",
    "two_factor_app": "security_change",
    "recovery_codes": "security_change",
    "new_passkey": "security_change",
    "look_up": "provider_question",
}
EXEMPT = {
    "login": GUESSING,
    "two_factor_sign_in": GUESSING,
    "confirm": GUESSING,
    "passkey_sign_in": SIGNS_IN,
    "logout": SIGNS_IN,
    "public_page": GUESSING,
    "public_picture": GUESSING,
    "public_not_found": "nothing is there",
    "password_change": "asks for the password that is known",
    "password_reset_confirm": "needs the link of a mail, which works once",
    "confirm_email": "needs the link of a mail, which works once",
    "invitation": "needs the link of an invitation, which works once",
    "two_factor_app_remove": GOES,
    "remove_passkey": GOES,
    "rename_passkey": ONE_ROW,
    "change_name": ONE_ROW,
    "notification_preferences": ONE_ROW,
    "read_notifications": ONE_ROW,
    "open_notification": ONE_ROW,
    "read_notification": ONE_ROW,
    "end_sessions": GOES,
    "theme": "a cookie",
    "thumbnail_size": ONE_ROW,
    "record_view": "the last hundred pictures are kept, and no more",
    "clear_view_history": GOES,
    "change_saved_search": ONE_ROW,
    "change_preset": ONE_ROW,
    "default_preset": AUDITED,
    "delete_preset": GOES,
    "delete_saved_search": GOES,
    "leave_team": GOES,
    "change_team": AUDITED,
    "change_role": AUDITED,
    "first_picture": MONEY,
    "skip_setup": ONE_ROW,
    "remove_member": GOES,
    "revoke_invitation": GOES,
    "approval_limit": AUDITED,
    "limits": AUDITED,
    "quotas": AUDITED,
    "change_limit": AUDITED,
    "remove_limit": GOES,
    "provenance": AUDITED,
    "blocked_words": AUDITED,
    "decide_report": "once for each report, and reporting is limited",
    "sign_off": AUDITED,
    "revoke_links": GOES,
    "batch_stop": GOES,
    "cancel_own": GOES,
    "retry": MONEY,
    "mark_lost": AUDITED,
    "decide_request": "once for each order that waits, and asking is limited",
    "cancel_request": "once for each order that waits, and asking is limited",
    "collection_edit": ONE_ROW,
    "collection_cover": ONE_ROW,
    "collection_delete": GOES,
    "tag_rename": ONE_ROW,
    "tag_merge": GOES,
    "tag_delete": GOES,
    "favourite": ONE_ROW,
    "cancel": GOES,
    "delete": ONE_ROW,
    "restore": ONE_ROW,
    "delete_comment": GOES,
    "pause": AUDITED,
    "resume": AUDITED,
    "reconcile_now": AUDITED,
    "explain_discrepancy": AUDITED,
    "explain_remainder": AUDITED,
    "revoke_explanation": AUDITED,
    "post_history_row": AUDITED,
}
# No form uses them, or several do.
OTHERWISE = {
    "mail": "every mail", "password_mail": "password_reset", "invitation_link": "people", "tag": "selection",
    "zip": "collection_zip, selection", "shared_zip": "shared_zip",
}  # fmt: skip


def takes_forms(view):
    """Return whether a POST reaches the view itself, by the decorators above it."""
    cls = getattr(view, "view_class", None)
    if cls is not None:
        return callable(getattr(cls, "post", None)) and "post" in cls.http_method_names
    above = inspect.getsource(inspect.unwrap(view)).partition("def ")[0]
    return "require_safe" not in above and '"GET", "HEAD"])' not in above


def test_every_form_has_a_limit_or_a_reason():
    forms = {pattern.name for pattern in urlpatterns if takes_forms(pattern.callback)}

    assert forms - LIMITED.keys() - EXEMPT.keys() == set(), "a new form needs a limit, or a reason why it has none"
    assert (LIMITED.keys() | EXEMPT.keys()) - forms == set()
    assert LIMITED.keys() & EXEMPT.keys() == set()
    assert set(LIMITED.values()) | OTHERWISE.keys() == LIMITS.keys()


@pytest.fixture
def maria(team):
    return make_person("Maria", team, Role.OWNER)


@pytest.fixture
def row(maria, team):
    (made,) = order(maria, team)
    Generation.objects.update(state="done", finished_at=timezone.now())
    made.refresh_from_db()
    return made


@pytest.fixture
def shelf(maria, team, row):
    return collect(maria, team, row)


def fill(action, subject):
    most = min(rate.number for rate in LIMITS[action].rates if rate.per in {Per.USER, Per.NETWORK})
    RateLimitUse.objects.bulk_create(RateLimitUse(action=action, subject=subject) for _ in range(most))


@pytest.fixture
def full(maria):
    return lambda action: fill(action, f"user:{maria.pk}")


def asked(name, row, shelf, settings):
    """Return the address of a form and the fields that are sent with it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    team = f"/t/{row.team.slug}/"
    return {
        "comment": (f"/g/{row.id}/comments/", {"text": "A long thought\nin <two> lines"}),
        "collection": (f"{team}collections/", {"name": "Posters & signs", "description": "for Monday"}),
        "share_link": (f"/g/{row.id}/share", {"expires": "30", "allow_download": "on"}),
        "share_link_change": (f"{team}links/{shared_link(row).id}/change", {"expires": "7", "show_prompt": "on"}),
        "report": (f"/g/{row.id}/report", {"reason": "other", "note": "A <b>note</b>"}),
        "saved_search": (f"{team}saved/?q=quay", {"name": "Quays"}),
        "preset": (f"{team}presets/", {"x-preset": "Posters"}),
        "selection": (f"{team}selection/", {"id": str(row.id), "action": "favourite", "next": team}),
        "tag": (f"{team}selection/", {"id": str(row.id), "action": "add", "tag": "quay, dusk"}),
        "zip": (f"{team}selection/", {"id": str(row.id), "action": "zip"}),
        "upload": (f"{team}verify/", {"file": BytesIO(b"bytes")}),
        "team": ("/teams/new/", {"name": "Dockers"}),
        "address_change": ("/accounts/email", {"email": "new@example.test", "current_password": PASSWORD}),
        "invitation": (f"{team}people/", {"email": "dora@example.test", "role": "member", "by": "mail"}),
        "invitation_link": (f"{team}people/", {"email": "", "role": "member", "by": "link"}),
        "provider_question": (f"/g/{row.id}/look-up", {}),
        "approval_request": (f"{team}generations/", {"prompt": "a quiet harbour", "client_key": str(uuid.uuid4())}),
    }[name]


def shared_link(row):
    return ShareLink.objects.first() or share(row.author, row)[0]


ASKED = [
    name
    for name in LIMITS
    if name not in {"mail", "password_reset", "password_mail", "shared_zip", "security_change", "visitor_report"}
]


@pytest.mark.parametrize("action", ASKED)
def test_what_is_over_its_limit_is_refused_and_kept(action, as_, maria, team, row, shelf, full, settings):
    if action == "provider_question":
        Generation.objects.update(state="unknown")
    if action == "approval_request":
        team.approval_above = "0.0001"
        team.save()
    settings.TEAM_CREATION = "everybody"
    address, form = asked(action, row, shelf, settings)
    client = as_(maria)
    full(action)
    before = RateLimitUse.objects.count()

    answer = client.post(address, form)

    page = answer.content.decode()
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= HOUR.total_seconds()
    assert "You&#x27;ve reached the limit for " in page
    assert "Try again " in page
    for name, value in form.items():
        if name not in {"file", "current_password"}:
            assert_field(page, name, value)
    assert PASSWORD not in page
    assert (RateLimitUse.objects.count(), post.outbox) == (before, [])
    # When the hour is over, the action works again.
    RateLimitUse.objects.update(at=F("at") - HOUR)
    assert client.post(address, asked(action, row, shelf, settings)[1]).status_code != 429


def assert_field(page, name, value):
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f'name="{name}"' in page
    assert escaped in page


def test_text_of_a_refused_comment_is_sent_from_that_page(as_, maria, row, shelf, full, settings):
    client = as_(maria)
    address, form = asked("comment", row, shelf, settings)
    full("comment")

    page = client.post(address, form).content.decode()

    assert page.count("Limit reached") == 2  # the title and the heading
    assert f'<form class="error-form" method="post" action="{address}">' in page
    field = '<textarea class="input" dir="auto" name="text" rows="6" autocomplete="off">'
    assert f"{field}\nA long thought\nin &lt;two&gt; lines</textarea>" in page
    assert Comment.objects.count() == 0


def test_request_in_the_background_gets_the_sentence_alone(as_, maria, row, shelf, full, settings):
    address, form = asked("tag", row, shelf, settings)
    full("tag")

    answer = as_(maria).post(address, form, headers={"HX-Request": "true"})

    assert (answer.status_code, answer["Content-Type"]) == (429, "text/plain; charset=utf-8")
    assert answer.content.decode().startswith("You've reached the limit for creating tags: 200 per hour. ")
    # All or nothing: the selection of the same request is not counted either.
    assert not RateLimitUse.objects.filter(action="selection").exists()


def test_refused_invitation_can_be_made_as_a_link(as_, maria, row, shelf, full, settings):
    address, form = asked("invitation", row, shelf, settings)
    full("invitation")
    client = as_(maria)

    page = client.post(address, form).content.decode()

    assert 'value="dora@example.test"' in page
    assert "Or create a link and send it yourself." in page
    assert client.post(address, {**form, "by": "link"}).status_code == 200


def test_form_with_a_password_asks_for_it_again(as_, maria, row, shelf, full, settings):
    address, form = asked("share_link", row, shelf, settings)
    full("share_link")

    page = as_(maria).post(address, {**form, "password": "open sesame"}).content.decode()

    assert '<input class="input" type="password" name="password" required>' in page
    assert "open sesame" not in page


def test_zip_of_a_collection_is_limited_by_its_address_too(as_, maria, shelf, full):
    full("zip")

    assert as_(maria).get(f"/t/{shelf.team.slug}/collections/{shelf.pk}/zip").status_code == 429


def test_shared_zip_is_limited_for_a_network(maria, team, emulator):
    shelf = collect(maria, team, draw(maria, team))
    _, base = share(maria, shelf, allow_download=True)
    fill("shared_zip", rate_limits._subjects(None, "", "192.0.2.1")[Per.NETWORK])
    visitor = outsider(REMOTE_ADDR="192.0.2.1")

    answer = visitor.get(f"{base}zip")

    assert (answer.status_code, answer["X-Robots-Tag"][:7]) == (429, "noindex")
    assert answer.content.decode().startswith(
        "Your network has reached the limit for downloading shared ZIP files: 30 per hour."
    )
    assert outsider(REMOTE_ADDR="192.0.2.2").get(f"{base}zip").status_code == 200


def ask_for_link(client, address, **options):
    """Request a link after a minute without any request."""
    RateLimitUse.objects.update(at=F("at") - MINUTE)
    answer = client.post("/accounts/reset/", {"email": address}, **options)
    for thread in threading.enumerate():
        if thread.name == "letter":
            thread.join()
    return answer.status_code, answer["Location"]


SENT = (302, "/accounts/reset/sent/")


@pytest.mark.parametrize("known", [True, False])
def test_address_that_has_had_its_links_is_answered_as_always(client, alice, known):
    address = alice.email if known else "nobody@example.test"

    answers = [ask_for_link(client, address) for _ in range(8)]

    assert answers == [SENT] * 8
    assert [one.to for one in post.outbox] == [[alice.email]] * (5 if known else 0)


def test_strangers_who_ask_all_day_do_not_keep_the_owner_without_a_link(client, alice):
    """A link works for an hour, and there is always one of the last hour, whenever the owner asks."""
    for hour in range(24):
        for number in range(5):
            ask_for_link(client, alice.email, REMOTE_ADDR=f"198.51.{hour}.{number}")
        RateLimitUse.objects.update(at=F("at") - HOUR)
    post.outbox.clear()

    assert ask_for_link(client, alice.email, REMOTE_ADDR="192.0.2.9") == SENT
    assert len(post.outbox) == 1


def test_four_networks_that_ask_for_nobodys_links_keep_none_from_a_user(client, alice):
    for network in range(4):
        fill("password_reset", rate_limits._subjects(None, "", f"198.51.100.{network}")[Per.NETWORK])
    strangers = [f"{n}@example.test" for n in range(4)]
    for number, address in enumerate(strangers):
        ask_for_link(client, address, REMOTE_ADDR=f"203.0.113.{number}")

    assert not RateLimitUse.objects.filter(action="password_mail").exists()
    assert ask_for_link(client, alice.email, REMOTE_ADDR="192.0.2.9") == SENT
    assert [one.to for one in post.outbox] == [[alice.email]]
    assert RateLimitUse.objects.filter(action="password_mail").count() == 1


def test_site_without_room_for_password_links_answers_as_always(client, alice):
    (rate,) = LIMITS["password_mail"].rates
    rate_limits.acquire("password_mail", times=rate.number)

    assert [ask_for_link(client, email) for email in (alice.email, "nobody@example.test")] == [SENT] * 2
    assert post.outbox == []
    # The sweeper notifies the administrators.
    assert rate_limits.alert_about_many_emails()


def test_password_links_of_one_network_come_to_an_end(client):
    statuses = [client.post("/accounts/reset/", {"email": f"{n}@example.test"}).status_code for n in range(31)]

    assert statuses == [302] * 30 + [429]
    answer = client.post("/accounts/reset/", {"email": "dora@example.test"})
    assert "Your network has reached the limit for requesting password links: 30 per hour." in answer.content.decode()
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("change", [set_up_app, lambda user: two_factor.new_codes(user=user)])
def test_second_factor_cannot_be_changed_without_end(maria, full, change):
    """Its pages require a device, so the service is called directly; each change sends an email."""
    full("security_change")

    with pytest.raises(TooManyRequests, match="limit for changing two-factor authentication: 30 per hour"):
        change(maria)
    assert not Authenticator.objects.exists()

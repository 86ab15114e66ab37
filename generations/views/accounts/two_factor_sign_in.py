"""Sign-in after the password or the OpenID provider was accepted, with the second factor when there is one.

Every sign-in goes through `proceed`, except for an account that was created in the same request.
"""

import time
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from generations.conf import conf
from generations.errors import GalleryError
from generations.forms.two_factor import CodeForm
from generations.models import User
from generations.queries.accounts.sessions import find_active_user
from generations.queries.accounts.two_factor import SecondFactor, has_second_factor, second_factor_of
from generations.services.accounts import openid, passkeys
from generations.services.accounts.sign_in import remember_device, two_factor_throttle_key
from generations.services.accounts.two_factor import use_code, wait_for_code
from generations.views.site.formatting import number
from generations.views.site.rendering import render_page
from generations.views.site.requests import get_next_url

PENDING = "two_factor_sign_in"
CONNECTING = "openid"
PENDING_SECONDS = 10 * 60


@dataclass(frozen=True)
class PasskeySignInPage:
    question: str
    refused: str
    next: str


@dataclass(frozen=True)
class SecondFactorPage:
    form: CodeForm
    held: SecondFactor
    question: str
    refused: str
    address: str


def proceed(request: HttpRequest, user: User, target: str) -> HttpResponse:
    if not has_second_factor(user):
        return enter(request, user, target)
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk, "proof": user.get_session_auth_hash(), "next": target, "since": time.time(),
    }  # fmt: skip
    return redirect("two_factor_sign_in")


def enter(request: HttpRequest, user: User, target: str) -> HttpResponse:
    request.session.pop(PENDING, None)
    said = request.session.pop(CONNECTING, None)
    login(request, user)
    if said:
        _connect(request, user, said)
    response = redirect(target)
    remember_device(request, response, user)
    return response


def wait_for_password(request: HttpRequest, identity: openid.Identity) -> None:
    """Remember the identity, to connect it with the account that signs in here within PENDING_SECONDS."""
    request.session[CONNECTING] = {
        "issuer": identity.issuer, "key": identity.key, "email": identity.email, "since": time.time(),
    }  # fmt: skip


def _connect(request: HttpRequest, user: User, said: dict[str, str | float]) -> None:
    if time.time() - float(said["since"]) > PENDING_SECONDS:
        return
    try:
        if openid.connect(actor=user, **{name: str(said[name]) for name in ("issuer", "key", "email")}):
            words = {"provider": conf().openid_name}
            messages.success(request, _("You can now sign in with %(provider)s too.") % words)
    # IntegrityError: another tab connected the same identity a moment ago.
    except (GalleryError, IntegrityError):
        words = {"provider": conf().openid_name}
        messages.error(request, _("%(provider)s couldn't be connected to this account.") % words)


@login_not_required
@sensitive_post_parameters("code", "answer")
@require_http_methods(["GET", "HEAD", "POST"])
def two_factor_sign_in(request: HttpRequest) -> HttpResponse:
    user = _pending(request)
    if user is None:
        return redirect("login")
    held = second_factor_of(user)
    if request.method != "POST":
        return _page(request, user, held, CodeForm())
    target = request.session[PENDING]["next"]
    if answer := request.POST.get("answer", ""):
        if passkeys.is_valid_answer(user=user, answer=answer) is not None:
            return enter(request, user, target)
        return _page(request, user, held, CodeForm(), refused=str(passkeys.REFUSED))
    form = CodeForm(request.POST)
    wait = try_code(request, user, form)
    return enter(request, user, target) if form.is_valid() else _page(request, user, held, form, wait=wait)


def try_code(request: HttpRequest, user: User, form: CodeForm) -> int:
    """Add what is wrong with the code to the form; return the seconds to wait if the code was not checked, else 0."""
    if not form.is_valid():
        return 0
    who = two_factor_throttle_key(request, user)
    if wait := wait_for_code(*who):
        form.add_error("code", too_many(wait))
        return wait
    if not use_code(user=user, code=form.cleaned_data["code"], who=who):
        form.add_error("code", _("This code is wrong or was already used."))
    return 0


def too_many(wait: int) -> str:
    return ngettext(
        "Too many wrong codes. Try again in %(count)s second.",
        "Too many wrong codes. Try again in %(count)s seconds.",
        wait,
    ) % {"count": number(wait)}


@login_not_required
@sensitive_post_parameters("answer")
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by passkey alone: it proves the device and the finger or PIN of its user, so no password is asked for."""
    if request.user.is_authenticated:
        return redirect("home")
    refused = ""
    if request.method == "POST":
        user = passkeys.is_valid_answer(answer=request.POST.get("answer", ""))
        if user is not None:
            return enter(request, user, get_next_url(request) or resolve_url("home"))
        refused = str(passkeys.REFUSED)
    page = PasskeySignInPage(passkeys.sign_in_challenge(), refused, request.GET.get("next", ""))
    return render_page(request, "accounts/two_factor/passkey_sign_in.html", page, status=422 if refused else 200)


def _page(
    request: HttpRequest, user: User, held: SecondFactor, form: CodeForm, *, wait: int = 0, refused: str = ""
) -> HttpResponse:
    question = passkeys.sign_in_challenge(user=user) if held.passkeys else ""
    page = SecondFactorPage(form, held, question, refused, user.email)
    response = render_page(request, "accounts/two_factor/sign_in.html", page)
    if wait:
        response.status_code, response["Retry-After"] = 429, str(wait)
    elif form.errors or refused:
        response.status_code = 422
    return response


def _pending(request: HttpRequest) -> User | None:
    """Return the user who entered the password here at most PENDING_SECONDS ago.

    None when it was longer ago, or when the password has changed since.
    """
    kept = request.session.get(PENDING)
    if not kept or time.time() - kept["since"] > PENDING_SECONDS:
        return None
    user = find_active_user(kept["user"])
    stands = user is not None and constant_time_compare(user.get_session_auth_hash(), kept["proof"])
    return user if stands else None

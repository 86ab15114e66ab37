"""Setting up and removing second factors; each view asks for a recent confirmation of identity first."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from generations.access import current_user, passkey_or_404
from generations.conf import conf
from generations.errors import GalleryError
from generations.forms.two_factor import (
    MAX_NAME_LENGTH,
    AuthenticatorAppForm,
    ConfirmForm,
    PasskeyForm,
    PasskeyNameForm,
)
from generations.models import User
from generations.queries.accounts.two_factor import SecondFactor, second_factor_of
from generations.services.accounts import login_throttle, passkeys, two_factor
from generations.services.accounts.sign_in import confirm as remember_confirmed
from generations.services.accounts.sign_in import is_confirmed, two_factor_throttle_key
from generations.views.accounts.two_factor_sign_in import too_many
from generations.views.site.formatting import day_and_clock, number
from generations.views.site.qr_codes import qr_address
from generations.views.site.rendering import render_page
from generations.views.site.requests import get_next_url, require_post

ViewFunction = Callable[..., HttpResponse]


@dataclass(frozen=True)
class FactorRow:
    """An app or a passkey; `history` says when it was added and last used."""

    id: int
    name: str
    history: str


@dataclass(frozen=True)
class SecondFactors:
    """The second factors of the account; `codes` is how many recovery codes are left."""

    on: bool
    app: FactorRow | None
    passkeys: list[FactorRow]
    codes: int


@dataclass(frozen=True)
class ConfirmPage:
    form: ConfirmForm
    refused: str
    held: SecondFactor
    next: str
    question: str
    openid: str


@dataclass(frozen=True)
class AppPage:
    form: AuthenticatorAppForm
    sealed: str
    secret: str
    address: str
    qr: str


@dataclass(frozen=True)
class CodesPage:
    codes: list[str]
    done: str
    text: str


@dataclass(frozen=True)
class NewPasskeyPage:
    form: PasskeyForm
    question: str


def require_recent_confirmation(view: ViewFunction) -> ViewFunction:
    """Ask for a recent confirmation, so that a stranger at an open browser cannot lock the user out."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if is_confirmed(request):
            return view(request, *args, **kwargs)
        # The posted values are not kept; the user returns to the page with the button.
        target = reverse("account") if request.method == "POST" else request.get_full_path()
        return redirect(f"{reverse('confirm')}?{urlencode({'next': target})}")

    return answer


@sensitive_post_parameters("proof", "answer")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    target = get_next_url(request) or reverse("account")
    form, refused, wait = ConfirmForm(), "", 0
    if answer := request.POST.get("answer", ""):
        if passkeys.is_valid_answer(user=user, answer=answer) is not None:
            return _confirmed(request, target)
        refused = str(passkeys.REFUSED)
    elif request.method == "POST":
        form = ConfirmForm(request.POST)
        wait = _try(request, user, form)
        if form.is_valid():
            return _confirmed(request, target)
    held = second_factor_of(user)
    page = ConfirmPage(
        form=form,
        refused=refused,
        held=held,
        next=request.GET.get("next", "") or get_next_url(request),
        question=passkeys.sign_in_challenge(user=user) if held.passkeys else "",
        openid=conf().openid_name,
    )
    status = 422 if form.errors or refused else 200
    response = render_page(request, "accounts/confirm_identity.html", page, status=status)
    if wait:
        response.status_code, response["Retry-After"] = 429, str(wait)
    return response


def _confirmed(request: HttpRequest, target: str) -> HttpResponse:
    remember_confirmed(request)
    return redirect(target)


@sensitive_variables("proof")
def _try(request: HttpRequest, user: User, form: ConfirmForm) -> int:
    if not form.is_valid():
        return 0
    proof, who = form.cleaned_data["proof"], two_factor_throttle_key(request, user)
    if wait := two_factor.wait_for_code(*who):
        form.add_error("proof", too_many(wait))
        return wait
    if two_factor.use_code(user=user, code=proof, who=who):
        return 0
    if user.check_password(proof):
        login_throttle.clear_failures("code", *who)
    else:
        form.add_error("proof", _("Wrong password or code. Try again."))
    return 0


@sensitive_post_parameters("code", "sealed")
@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_confirmation
def app(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    if second_factor_of(user).app is not None:
        return redirect("account")
    if request.method != "POST":
        return _app_page(request, user, AuthenticatorAppForm())
    form = AuthenticatorAppForm(request.POST)
    if not form.is_valid():
        return _app_page(request, user, form)
    secret = two_factor.decrypt_secret(user=user, sealed=form.cleaned_data["sealed"])
    if not secret:
        form.add_error("code", _("This page was open for more than an hour. Scan the new code."))
        return _app_page(request, user, form)
    try:
        codes = two_factor.add_app(user=user, secret=secret, code=form.cleaned_data["code"])
    except GalleryError as error:
        form.add_error("code", error.message)
        return _app_page(request, user, form)
    return _codes_page(request, codes, _("Authenticator app added."))


def _app_page(request: HttpRequest, user: User, form: AuthenticatorAppForm) -> HttpResponse:
    """Render the setup page; after a wrong code it keeps the secret that the phone has scanned."""
    sealed = form.data.get("sealed", "")
    secret = two_factor.decrypt_secret(user=user, sealed=sealed)
    if not secret:
        secret, sealed = two_factor.draw_secret(user=user)
    address = two_factor.totp_url(user=user, secret=secret)
    page = AppPage(form, sealed, secret, address, qr_address(address))
    return render_page(request, "accounts/two_factor/app.html", page, status=422 if form.errors else 200)


@require_post
@require_recent_confirmation
def remove_app(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    if (found := second_factor_of(user).app) is not None:
        two_factor.remove(user=user, authenticator=found)
    messages.success(request, _("Authenticator app removed."))
    return redirect("account")


@require_post
@require_recent_confirmation
def codes(request: HttpRequest) -> HttpResponse:
    try:
        made = two_factor.new_codes(user=current_user(request))
    except GalleryError as error:
        messages.error(request, error.message)
        return redirect("account")
    return _codes_page(request, made, _("New recovery codes generated. The old ones no longer work."))


def _codes_page(request: HttpRequest, made: list[str], done: str) -> HttpResponse:
    if not made:
        messages.success(request, done)
        return redirect("account")
    spaced = [f"{code[:4]} {code[4:]}" for code in made]
    page = CodesPage(spaced, done, "\n".join(spaced))
    return render_page(request, "accounts/two_factor/recovery_codes.html", page)


@sensitive_post_parameters("answer")
@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_confirmation
def new_passkey(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        words = {name: form.cleaned_data[name] for name in ("name", "answer")}
        try:
            made = passkeys.add(user=user, **words)
        except GalleryError as error:
            form.add_error("name", error.message)
        else:
            return _codes_page(request, made, _("Passkey added."))
    page = NewPasskeyPage(form, passkeys.registration_challenge(user=user))
    return render_page(request, "accounts/two_factor/new_passkey.html", page, status=422 if form.errors else 200)


@require_post
@require_recent_confirmation
def rename_passkey(request: HttpRequest, passkey: int) -> HttpResponse:
    found = passkey_or_404(current_user(request), passkey)
    form = PasskeyNameForm(request.POST)
    if form.is_valid():
        passkeys.rename(passkey=found, name=form.cleaned_data["name"])
        messages.success(request, _("Saved."))
    else:
        said = ngettext(
            "Enter a passkey name of at most %(count)s character.",
            "Enter a passkey name of at most %(count)s characters.",
            MAX_NAME_LENGTH,
        )
        messages.error(request, said % {"count": number(MAX_NAME_LENGTH)})
    return redirect("account")


@require_post
@require_recent_confirmation
def remove_passkey(request: HttpRequest, passkey: int) -> HttpResponse:
    found = passkey_or_404(current_user(request), passkey)
    two_factor.remove(user=current_user(request), authenticator=found)
    messages.success(request, _("Passkey removed: %(name)s. It no longer signs you in.") % {"name": found})
    return redirect("account")


def second_factors(held: SecondFactor) -> SecondFactors:
    """Return the second factors for the page of the account."""
    return SecondFactors(
        on=bool(held),
        app=_row(held.app) if held.app else None,
        passkeys=[_row(one) for one in held.passkeys],
        codes=two_factor.codes_left(held.codes),
    )


def _row(one: Authenticator) -> FactorRow:
    added = day_and_clock(one.created_at)
    if one.last_used_at:
        history = _("Added %(added)s, last used %(used)s") % {"added": added, "used": day_and_clock(one.last_used_at)}
    else:
        history = _("Added %(added)s, not used yet") % {"added": added}
    return FactorRow(one.pk, str(one), history)

"""Sign-in, sign-out, the page of the own account, and the theme of this browser."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from generations.access import current_user
from generations.conf import conf
from generations.forms.account import EmailForm, NameForm, SignInForm
from generations.models import THUMBNAIL_SIZES, Digest, Session, User
from generations.queries.accounts.sessions import sessions_of
from generations.queries.accounts.two_factor import second_factor_of
from generations.queries.activity.notifications import PreferenceRow, notification_preferences
from generations.services.accounts import profile
from generations.services.site import mail, rate_limits
from generations.services.spending import report_emails
from generations.services.spending.report_emails import ReportSwitch
from generations.services.teams.demo_team import demo_people
from generations.views.accounts.passwords import ADDRESS
from generations.views.accounts.two_factor_settings import SecondFactors, second_factors
from generations.views.accounts.two_factor_sign_in import proceed
from generations.views.site.context_processors import THEMES
from generations.views.site.error_pages import not_found
from generations.views.site.formatting import day_and_clock, number
from generations.views.site.pickers import Choice, choices
from generations.views.site.rendering import render_page
from generations.views.site.requests import (
    SESSION_ENDED,
    UNSENT,
    absolute_url,
    get_next_url,
    require_post,
    sensitive_url,
)

# How a user agent names a browser and a system; of several the first counts.
BROWSERS = [
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("python-requests", gettext_lazy("Script")), ("curl/", "curl"),
]  # fmt: skip
SYSTEMS = [
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
]  # fmt: skip
PHONES = {"iPhone", "iPad", "Android"}
YEAR = 365 * 24 * 3600
THUMBNAIL_STEPS = [str(step) for step in range(1, THUMBNAIL_SIZES + 1)]
LINK_INVALID = gettext_lazy(
    "This link doesn't work: it was used, or is more than a day old. Request another on your account page."
)


@dataclass(frozen=True)
class SessionRow:
    device: str
    phone: bool
    seen: str
    here: bool


@dataclass(frozen=True)
class AccountPage:
    name_form: NameForm
    address_form: EmailForm
    sessions: list[SessionRow]
    switches: list[PreferenceRow]
    digests: list[Choice]
    reports: list[ReportSwitch]
    mail_configured: bool
    second: SecondFactors


@dataclass(frozen=True)
class ConfirmEmailPage:
    change: profile.EmailChange


class SignIn(LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True
    authentication_form = SignInForm

    def get_initial(self) -> dict[str, str]:
        """Fill in the email of a user who has just set a new password."""
        return {"username": self.request.session.pop(ADDRESS, "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        signed_out = self.request.method == "GET" and "signed-out" in self.request.GET
        context = super().get_context_data(
            demo=demo_people(), openid=conf().openid_name, signed_out=signed_out,
            session_ended=str(SESSION_ENDED) if UNSENT in self.request.session else "", **kwargs,
        )  # fmt: skip
        # Django's `site` would replace ours, and with it the chosen theme.
        del context["site"]
        return context

    def form_valid(self, form: Any) -> HttpResponse:
        return proceed(self.request, form.get_user(), self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        if form.wait:
            response.status_code = 429
            response["Retry-After"] = str(form.wait)
        return response


class SignOut(LogoutView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Clear the browser cache: it may keep pictures for ever, and the next user must not find them."""
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response


@login_not_required
@require_safe
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect a signed-out visitor of the admin to the sign-in page; answer 404 to users who are not staff."""
    if not request.user.is_authenticated:
        return redirect(f"{reverse('login')}?{request.GET.urlencode()}")
    if not request.user.is_staff:
        raise Http404
    return redirect("admin:index")


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return _page(request, current_user(request))


@require_post
def change_name(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _page(request, user, name_form=form)
    profile.rename(user=user, name=form.cleaned_data["name"])
    messages.success(request, _("Saved."))
    return redirect("account")


@require_post
@sensitive_post_parameters("current_password")
def change_email(request: HttpRequest) -> HttpResponse:
    """Send a link to the new address.

    An address that has an account gets no email, and the page answers the same, so that nobody learns of the account.
    """
    user = current_user(request)
    form = EmailForm(request.POST, user=user)
    if not form.is_valid():
        return _page(request, user, address_form=form)
    new = form.cleaned_data["email"]
    # Counted whether or not the address has an account, so that the answer does not reveal it.
    rate_limits.acquire("address_change", user=user, address=new)
    token = profile.email_change_token(user=user, new=new)
    link = absolute_url(request, reverse("confirm_email", args=[token]))
    if not profile.is_taken(new):
        mail.send_in_background(
            "new_email", new, name=user.display_name, old=user.email, link=link, site=absolute_url(request, "/")
        )
    said = _("We've sent a link to %(email)s. Open it to confirm the change; until then, nothing changes.")
    messages.success(request, said % {"email": new})
    return redirect("account")


@login_not_required
@sensitive_url
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, change the address on POST.

    Mail scanners open links; they must not confirm them.
    """
    change = profile.email_change_from_token(token)
    if change is None:
        return not_found(request, Http404(str(LINK_INVALID)))
    if request.method != "POST":
        return render_page(request, "accounts/confirm_email.html", ConfirmEmailPage(change))
    old = change.user.email
    if not profile.change_email(change):
        return not_found(request, Http404(str(LINK_INVALID)))
    mail.send_in_background("old_email", old, name=change.user.display_name, new=change.new)
    messages.success(request, _("Email address changed. Sign in with %(email)s from now on.") % {"email": change.new})
    return redirect("account")


@require_post
def end_sessions(request: HttpRequest) -> HttpResponse:
    ended = profile.end_sessions(user=current_user(request), but=request.session.session_key)
    said = ngettext("Signed out of %(count)s other browser.", "Signed out of %(count)s other browsers.", ended)
    nothing = _("You weren't signed in anywhere else.")
    messages.success(request, said % {"count": number(ended)} if ended else nothing)
    return redirect("account")


def _page(
    request: HttpRequest, user: User, *, name_form: NameForm | None = None, address_form: EmailForm | None = None
) -> HttpResponse:
    sessions = [_session(one, request.session.session_key) for one in sessions_of(user)]
    page = AccountPage(
        name_form=name_form or NameForm(initial={"name": user.name}),
        address_form=address_form or EmailForm(user=user),
        sessions=sorted(sessions, key=lambda one: not one.here),
        switches=notification_preferences(user),
        digests=choices(Digest.choices, user.digest),
        reports=report_emails.subscriptions_of(user),
        mail_configured=conf().mail_configured,
        second=second_factors(second_factor_of(user)),
    )
    status = 422 if name_form or address_form else 200
    return render_page(request, "accounts/account.html", page, status=status)


def _session(one: Session, key: str | None) -> SessionRow:
    browser = next((str(name) for mark, name in BROWSERS if mark in one.agent), _("Unknown browser"))
    system = next((name for mark, name in SYSTEMS if mark in one.agent), "")
    device = _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser
    return SessionRow(device, system in PHONES, day_and_clock(one.seen_at), here=one.session_key == key)


@require_post
def thumbnail_size(request: HttpRequest) -> HttpResponse:
    """Set the size of the gallery's thumbnails, a step from 1 to 5."""
    text = request.POST.get("size", "")
    profile.set_thumbnail_size(user=current_user(request), size=int(text) if text in THUMBNAIL_STEPS else 0)
    return redirect(get_next_url(request) or "/")


@login_not_required
@require_post
def theme(request: HttpRequest) -> HttpResponse:
    """Set the theme to `light` or `dark`; any other value follows the system."""
    response = redirect(get_next_url(request) or "/")
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response

"""Forms that are sent after the session has ended: the text returns to the user who typed it.

Forms with text fields carry a signed field that names user and page. Nothing is executed: the user signs in, finds the
form filled and sends it.
"""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from generations.forms.composer import FORM
from generations.models import User
from generations.services.accounts import login_throttle
from generations.views.site.requests import UNSENT, UNSENT_SECONDS, get_next_url, is_htmx, keep_form

SALT = "generations.unsent"
# Each form that is kept for a browser without a session is a row of the database for an hour. The limit is counted in
# the cache and not by services/site/rate_limits.py, because each use there is a row as well.
ONE_FORM_SECONDS = 1


def token_of_form(user: User, page: str) -> str:
    """Return the value of the field that names user and page of the form."""
    return signing.dumps([user.pk, page], salt=SALT)


class LoginRequired(LoginRequiredMiddleware):
    """Django's middleware, which in addition keeps the fields of a form and returns to its page after sign-in."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return super().handle_no_permission(request, view_func)
        _kept(request)
        return redirect_to_login(_page_of(request), resolve_url("login"))


def restore_unsent_form(request: HttpRequest) -> HttpResponse | None:
    """Redirect a form whose CSRF token is outdated to its page and fill it; None when its user is unknown.

    A forged form does not get here, because nobody else has the signed field of this user.
    """
    if is_htmx(request) or not _kept(request):
        return None
    if request.user.is_authenticated:
        messages.info(
            request, _("You signed in after opening this form, so it wasn't sent. Check it and send it again.")
        )
    return redirect(_page_of(request))


def _kept(request: HttpRequest) -> bool:
    user_id, _ = _said(request)
    if user_id is None or request.user.pk not in {None, user_id}:
        return False
    if request.user.is_authenticated:
        return keep_form(request, user_id)
    known = request.session.session_key or login_throttle.acquire_once(ONE_FORM_SECONDS, "unsent form", str(user_id))
    if not known or not keep_form(request, user_id):
        return False
    request.session.set_expiry(UNSENT_SECONDS)
    return True


def _said(request: HttpRequest) -> tuple[int | None, str]:
    """Return the user and the page that the form names; nothing when the field is missing or its signature is wrong."""
    try:
        user_id, page = signing.loads(request.POST.get(FORM, ""), salt=SALT)
    except (signing.BadSignature, ValueError):
        return None, ""
    return user_id, page


def _page_of(request: HttpRequest) -> str:
    """Return an address of this site that shows the form again."""
    said = _said(request)[1] or get_next_url(request)
    if said:
        return said if url_has_allowed_host_and_scheme(said, allowed_hosts=None) else resolve_url("home")
    referrer = urlsplit(request.headers.get("Referer", ""))
    if referrer.netloc == request.get_host() and referrer.path:
        return referrer._replace(scheme="", netloc="", fragment="").geturl()
    return request.get_full_path()


@receiver(user_logged_in)
def _forget_forms_of_others(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    kept = request.session.get(UNSENT)
    if not kept:
        return
    # A session with a kept form is a short one.
    request.session.set_expiry(None)
    if kept["user"] != user.pk:
        del request.session[UNSENT]

"""A form that is sent after the session has ended: what was typed comes back to the user who typed it.

Forms in which people write carry a signed field that names their user and their page. Nothing is carried out: the user
signs in, finds the form filled and sends it.
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

from generations.forms.composer import FORM
from generations.models import User
from generations.services.accounts import login_throttle
from generations.views.site.requests import UNSENT, UNSENT_SECONDS, get_next_url, is_htmx, keep_form

SALT = "generations.unsent"
# Each kept form of a browser without a session is a row of the database, for an hour. Counted in the cache, not by
# services/site/rate_limits.py: a use there is a row as well.
ONE_FORM_SECONDS = 1
SIGNED_IN_SINCE = "You signed in after this form was opened, so it was not sent. Check it and send it again."


def token_of_form(user: User, page: str) -> str:
    """The field that says whose the form is, and on which page it stands."""
    return signing.dumps([user.pk, page], salt=SALT)


class LoginRequired(LoginRequiredMiddleware):
    """Like Django's, but what was typed into a form is kept, and signing in leads to the page of the form."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return super().handle_no_permission(request, view_func)
        _kept(request)
        return redirect_to_login(_page_of(request), resolve_url("login"))


def restore_unsent_form(request: HttpRequest) -> HttpResponse | None:
    """Answer a form whose token against forgery is out of date with its page, filled; None when it is not known whose.

    A forged form does not get here: nobody else has the signed field of this user.
    """
    if is_htmx(request) or not _kept(request):
        return None
    if request.user.is_authenticated:
        messages.info(request, SIGNED_IN_SINCE)
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
    """The user and the page that the form names; nothing when the field is missing or not ours."""
    try:
        user_id, page = signing.loads(request.POST.get(FORM, ""), salt=SALT)
    except (signing.BadSignature, ValueError):
        return None, ""
    return user_id, page


def _page_of(request: HttpRequest) -> str:
    """An address of this site that shows the form again."""
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
    # What was kept made the session a short one.
    request.session.set_expiry(None)
    if kept["user"] != user.pk:
        del request.session[UNSENT]

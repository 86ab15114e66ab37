"""Common reading of requests: htmx, ids, the page of a form, and text that was refused or not sent."""

import time
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.access import current_user, require, team_or_404
from generations.conf import conf
from generations.forms.form_transfer import FILL, REVIEW
from generations.forms.parameter_grid import DO
from generations.models import Team, User
from generations.permissions import Verb
from generations.services.site.reasons import clean_reason

REFUSED = "refused-reason"
UNSENT = "unsent-form"
# Shown on the sign-in page while a form is kept.
SESSION_ENDED = gettext_lazy("Your session expired, so nothing was sent. Sign in to get your text back.")
UNSENT_SECONDS = 3600
# Many times the longest comment or prompt; a limit is needed because a session is a row of the database.
MAX_CHARACTERS = 64_000
# Text fields of forms that have only one.
TEXTS = ("text", "reason", "note")
Response = TypeVar("Response", bound=HttpResponseBase)


def is_htmx(request: HttpRequest) -> bool:
    """Return whether the request wants a fragment; django-htmx sets the attribute."""
    return bool(getattr(request, "htmx", False))


def absolute_url(request: HttpRequest, path: str) -> str:
    """Return the address of a path: under SITE_URL, or in development without one under the host of the request."""
    return conf().site_url + path if conf().site_url_is_given else request.build_absolute_uri(path)


def enter_team(request: HttpRequest, slug: str, verb: Verb | None = None) -> tuple[User, Team]:
    """Return the user and the team whose page this is; 404 without a membership, 403 where their role lacks `verb`."""
    user = current_user(request)
    team = team_or_404(user, slug)
    if verb is not None:
        require(user, team, verb)
    set_team(request, team)
    return user, team


def set_team(request: HttpRequest, team: Team) -> None:
    """Set the team of this page for the context processor."""
    request.team = team  # type: ignore[attr-defined]  # read by SiteContext in context_processors.py


def set_current_url(request: HttpRequest, url: str) -> None:
    """Set the address that shows this page again, when it differs from the requested one."""
    request.here = url  # type: ignore[attr-defined]  # read by SiteContext in context_processors.py


def get_next_url(request: HttpRequest) -> str:
    """Return the page of the form, from its field `next`; empty when that is not an address of this site."""
    target = request.POST.get("next", "")
    ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if ours else ""


def reason_of(request: HttpRequest) -> str:
    """Return the field `reason` as one line.

    Raises GalleryError when it is empty or too long; the text is then kept for the next form.
    """
    typed = request.POST.get("reason", "")
    keep_text(request, typed)
    reason = clean_reason(typed, _("Enter a reason. It's saved, and others can read it."))
    del request.session[REFUSED]
    return reason


def keep_text(request: HttpRequest, typed: str) -> None:
    """Keep refused text for the form that is shown next."""
    request.session[REFUSED] = {"form": request.path, "typed": typed}


def refused_text(request: HttpRequest, form: str) -> str:
    """Return text that the form at this address sent and that was refused or not sent; returned once."""
    if request.session.get(REFUSED, {}).get("form") == form:
        return str(request.session.pop(REFUSED)["typed"])
    fields = unsent_form(request, form)
    return next((str(fields[name]) for name in TEXTS if name in fields), "")


def keep_form(request: HttpRequest, user_id: int) -> bool:
    """Keep the fields of the form in the session for an hour; return False when they are too large."""
    fields = request.POST.urlencode()
    if len(fields) > MAX_CHARACTERS:
        return False
    request.session[UNSENT] = {"form": request.path, "fields": fields, "user": user_id, "at": time.time()}
    return True


def unsent_form(request: HttpRequest, form: str, *, filled_from: str = "") -> QueryDict:
    """Return the fields that the user sent to the address `form` without a session, once; empty if there are none.

    `filled_from` is the address to which a button of the same form sends in order to fill another form.
    """
    kept = request.session.get(UNSENT)
    if not kept:
        return QueryDict()
    fields = QueryDict(kept["fields"])
    if kept["form"] != (filled_from if fields.get(DO) in {FILL, REVIEW} else form):
        return QueryDict()
    del request.session[UNSENT]
    stands = kept["user"] == request.user.pk and time.time() - kept["at"] < UNSENT_SECONDS
    return fields if stands else QueryDict()


def require_post(view: Callable[..., Response]) -> Callable[..., Response | HttpResponse]:
    """Do the same as Django's require_POST, but answer a GET with a page that has a way out."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> Response | HttpResponse:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        response = render(request, "405.html", status=405)
        response["Allow"] = "POST"
        return response

    return answer


def sensitive_url(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Mark an address that contains a token: no referrer, no indexing, no caching."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        # Sends only the origin. With no-referrer browsers send forms with `Origin: null`, which the check for forged
        # requests refuses.
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "private, no-store"
        return response

    return answer

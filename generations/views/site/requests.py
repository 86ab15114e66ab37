"""What comes with a request, read in one way: fragments, ids, the page a form stood on."""

import time
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from generations.forms.form_transfer import FILL
from generations.forms.parameter_grid import DO
from generations.models import Team
from generations.services.site.reasons import clean_reason

REFUSED = "refused-reason"
UNSENT = "unsent-form"
# Said on the sign-in page while a form is kept.
SESSION_ENDED = "Your session has ended, so nothing was sent. Sign in to get your text back."
UNSENT_SECONDS = 3600
# The longest comment and the longest prompt fit in many times; a session is a row of the database.
MAX_CHARACTERS = 64_000
# The fields of the forms that have one text.
TEXTS = ("text", "reason", "note")
Response = TypeVar("Response", bound=HttpResponseBase)


def is_htmx(request: HttpRequest) -> bool:
    """Whether a fragment is wanted; django-htmx's middleware knows."""
    return bool(getattr(request, "htmx", False))


def set_team(request: HttpRequest, team: Team) -> None:
    """Tell the context processor which team surrounds this page."""
    request.team = team  # type: ignore[attr-defined]  # read back by Site in chrome.py


def set_current_url(request: HttpRequest, url: str) -> None:
    """Name the address that shows this page again, where it is not the one that was asked for."""
    request.here = url  # type: ignore[attr-defined]  # read back by Site in chrome.py


def get_next_url(request: HttpRequest) -> str:
    """The page the form stood on, as its field `next` says; empty when that is no address of this site."""
    target = request.POST.get("next", "")
    ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if ours else ""


def reason_of(request: HttpRequest) -> str:
    """The field `reason` on one line. Raises GalleryError when there is none, or too much of it; what was typed is
    then kept for the form that is shown next.
    """
    typed = request.POST.get("reason", "")
    keep_text(request, typed)
    reason = clean_reason(typed, "Write a reason in a few words; it is kept, and others read it.")
    del request.session[REFUSED]
    return reason


def keep_text(request: HttpRequest, typed: str) -> None:
    """What was typed and not taken, for the form that is shown next."""
    request.session[REFUSED] = {"form": request.path, "typed": typed}


def refused_text(request: HttpRequest, form: str) -> str:
    """What was typed into the form with this address and not taken, or not sent; told once."""
    if request.session.get(REFUSED, {}).get("form") == form:
        return str(request.session.pop(REFUSED)["typed"])
    fields = unsent_form(request, form)
    return next((str(fields[name]) for name in TEXTS if name in fields), "")


def keep_form(request: HttpRequest, user_id: int) -> bool:
    """Keep what this user typed into the form for an hour, in the session; False when it is too much to be kept."""
    fields = request.POST.urlencode()
    if len(fields) > MAX_CHARACTERS:
        return False
    request.session[UNSENT] = {"form": request.path, "fields": fields, "user": user_id, "at": time.time()}
    return True


def unsent_form(request: HttpRequest, form: str, *, filled_from: str = "") -> QueryDict:
    """Return what its user sent to the address `form` and nobody took, once; empty when there is nothing.

    `filled_from` is the address that a button of the same form sends to in order to fill another form.
    """
    kept = request.session.get(UNSENT)
    if not kept:
        return QueryDict()
    fields = QueryDict(kept["fields"])
    if kept["form"] != (filled_from if fields.get(DO) == FILL else form):
        return QueryDict()
    del request.session[UNSENT]
    stands = kept["user"] == request.user.pk and time.time() - kept["at"] < UNSENT_SECONDS
    return fields if stands else QueryDict()


def require_post(view: Callable[..., Response]) -> Callable[..., Response | HttpResponse]:
    """Like Django's require_POST, but a person who follows the address gets a page with a way out."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> Response | HttpResponse:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        response = render(request, "405.html", status=405)
        response["Allow"] = "POST"
        return response

    return answer


def sensitive_url(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """An address that is itself a key: not told to other sites, not indexed, not kept."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        # Tells no more than the site's name. With no-referrer browsers send forms with `Origin: null`, which the check
        # for forged requests refuses.
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "private, no-store"
        return response

    return answer

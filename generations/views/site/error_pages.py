"""Error pages; each shows the request id, which is in the log too."""

import math
import sys
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generations.errors import TooManyRequests
from generations.health import is_unavailable
from generations.services.site import audit
from generations.views.site.rendering import render_page
from generations.views.site.requests import is_htmx
from generations.views.site.unsent_forms import restore_unsent_form

# Fields that people write, with their labels when the form is shown again; other fields are hidden.
TYPED = {
    "text": _("Comment"), "name": _("Name"), "description": _("Description"), "email": _("Email"),
    "collection": _("Collection"), "tag": _("Tags"), "share_name": _("Collection name"), "prompt": _("Prompt"),
    "reason": _("Reason"), "note": _("Note"),
}  # fmt: skip
RETRY_SECONDS, OVERLOAD_SECONDS = 30, 5
LONG = {"text", "description", "prompt", "reason", "note"}


@dataclass(frozen=True)
class UnsentField:
    """A field of a form that is shown again; without a label it is hidden. A password must be typed again."""

    name: str
    value: str
    label: str = ""
    secret: bool = False

    @property
    def long(self) -> bool:
        return bool(self.label) and self.name in LONG


@dataclass(frozen=True)
class ErrorPage:
    sentence: str = ""


@dataclass(frozen=True)
class UnavailablePage:
    overloaded: bool


@dataclass(frozen=True)
class TooManyPage(ErrorPage):
    """The answer 429 with the form as it was sent; `again` is its address."""

    fields: list[UnsentField] = field(default_factory=list)
    again: str = ""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    match = request.resolver_match
    # The route, not the path, because a path may contain a token.
    who = getattr(getattr(request, "user", None), "pk", None)
    audit.log_event("denied", actor=who, route=match.view_name if match else "", method=request.method)
    return render_page(request, "403.html", ErrorPage(str(exception or "")), status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = exception.args[0] if exception and exception.args else ""
    sentence = str(said) if isinstance(said, str | Promise) else ""
    # Django's own texts name models and paths; only ours end with a full stop.
    ours = sentence.endswith(".") and " matches " not in sentence
    return render_page(request, "404.html", ErrorPage(sentence if ours else ""), status=404)


def too_many(request: HttpRequest, exception: TooManyRequests) -> HttpResponse:
    """Answer 429 with the time of the next try and the form as it was sent; an htmx request keeps its own form."""
    if is_htmx(request):
        response = HttpResponse(exception.message, content_type="text/plain; charset=utf-8")
    else:
        page = TooManyPage(exception.message, fields=_sent(request), again=request.get_full_path())
        response = render_page(request, "429.html", page)
    return limit_reached(response, exception.until)


def limit_reached(response: HttpResponse, until: datetime | None) -> HttpResponse:
    """Make the response a 429; `Retry-After` is set when the time of the next try is known."""
    response.status_code = 429
    if until is not None:
        response["Retry-After"] = str(max(1, math.ceil((until - timezone.now()).total_seconds())))
    return response


def _sent(request: HttpRequest) -> list[UnsentField]:
    """Return the fields of the form; empty when it cannot be sent again, because a file is lost."""
    if request.method != "POST" or request.FILES:
        return []
    sent = ((name, value) for name, values in request.POST.lists() for value in values)
    fields = [_field(name, value) for name, value in sent if name != "csrfmiddlewaretoken"]
    return [field for field in fields if field.value or not field.secret]


def _field(name: str, value: str) -> UnsentField:
    if "password" in name:
        return UnsentField(name, value, gettext("Enter your password again"), secret=True)
    return UnsentField(name, value, str(TYPED.get(name, "")) if value else "")


def server_error(request: HttpRequest) -> HttpResponse:
    # The session is read before a view begins, where no middleware can answer for a database that is down.
    error = sys.exc_info()[1]
    if isinstance(error, Exception) and is_unavailable(error):
        return unavailable(request, error)
    return render(request, "500.html", status=500)


def unavailable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 503: without an exception the site is overloaded, else its database is away or takes no changes."""
    page = UnavailablePage(overloaded=exception is None)
    response = render_page(request, "503.html", page, status=503)
    response["Retry-After"] = str(OVERLOAD_SECONDS if page.overloaded else RETRY_SECONDS)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if answer := restore_unsent_form(request):
        return answer
    sentence = gettext("This form is too old, or another site sent it. Go back, reload the page and send it again.")
    origin = request.headers.get("Origin", "")
    if origin and reason == REASON_BAD_ORIGIN % origin:
        sentence = gettext(
            "This form was sent from %(origin)s, but the site was requested as %(host)s. If the first is this site's"
            " URL, a site admin has to let the proxy pass the Host header, or add the URL to CSRF_TRUSTED_ORIGINS."
        ) % {"origin": origin, "host": request.get_host()}
    return render_page(request, "403.html", ErrorPage(sentence), status=403)

"""Refusals in words; each page shows the request id, which the log knows too."""

import math
import sys
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from generations.errors import TooManyRequests
from generations.services.site import audit
from generations.views.site.requests import is_htmx
from generations.views.site.unsent_forms import restore_unsent_form

# What people write themselves, and what it is called where a form is shown again; the rest of a form is sent along.
TYPED = {
    "text": "Comment", "name": "Name", "description": "Description", "email": "Email address",
    "collection": "Collection", "tag": "Tags", "share_name": "Name of the collection", "prompt": "Prompt",
    "reason": "Reason", "note": "Note",
}  # fmt: skip
LONG = {"text", "description", "prompt", "reason", "note"}


@dataclass(frozen=True)
class UnsentField:
    """Of a form that is shown again; without a label it is not seen. A password is typed once more."""

    name: str
    value: str
    label: str = ""
    secret: bool = False

    @property
    def long(self) -> bool:
        return bool(self.label) and self.name in LONG


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    match = request.resolver_match
    # The route, not the path: that may be a key.
    who = getattr(getattr(request, "user", None), "pk", None)
    audit.log_event("denied", actor=who, route=match.view_name if match else "", method=request.method)
    return render(request, "403.html", {"sentence": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = exception.args[0] if exception and exception.args and isinstance(exception.args[0], str) else ""
    # Django's own texts name models and paths; only sentences of ours end with a full stop.
    ours = sentence.endswith(".") and " matches " not in sentence
    return render(request, "404.html", {"sentence": sentence if ours else ""}, status=404)


def too_many(request: HttpRequest, exception: TooManyRequests) -> HttpResponse:
    """When it goes on, and the form as it was sent; a request in the background leaves its form alone."""
    if is_htmx(request):
        response = HttpResponse(exception.message, content_type="text/plain; charset=utf-8")
    else:
        context = {"sentence": exception.message, "fields": _sent(request), "again": request.get_full_path()}
        response = render(request, "429.html", context)
    return limit_reached(response, exception.until)


def limit_reached(response: HttpResponse, until: datetime | None) -> HttpResponse:
    """Make it a 429 that says to programs when the same request may be sent again, where that is known."""
    response.status_code = 429
    if until is not None:
        response["Retry-After"] = str(max(1, math.ceil((until - timezone.now()).total_seconds())))
    return response


def _sent(request: HttpRequest) -> list[UnsentField]:
    """None where there is nothing to send again: a file does not come back out of a form."""
    if request.method != "POST" or request.FILES:
        return []
    sent = ((name, value) for name, values in request.POST.lists() for value in values)
    fields = [_field(name, value) for name, value in sent if name != "csrfmiddlewaretoken"]
    return [field for field in fields if field.value or not field.secret]


def _field(name: str, value: str) -> UnsentField:
    if "password" in name:
        return UnsentField(name, value, "Password, once more", secret=True)
    return UnsentField(name, value, TYPED.get(name, "") if value else "")


def server_error(request: HttpRequest) -> HttpResponse:
    # Who is signed in is asked before a view begins, where no middleware can answer for a database that is away.
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if away else 500
    return render(request, f"{status}.html", {"request_id": getattr(request, "request_id", "")}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if answer := restore_unsent_form(request):
        return answer
    sentence = "This form is too old or came from another site. Go back, reload the page and send it again."
    return render(request, "403.html", {"sentence": sentence}, status=403)

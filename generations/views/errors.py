"""Refusals in words; each page shows the request id, which the log knows too."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from generations.services import audit
from generations.views.unsent import sent_again


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    match = request.resolver_match
    # The route, not the path: that may be a key.
    who = getattr(getattr(request, "user", None), "pk", None)
    audit.tell("denied", actor=who, route=match.view_name if match else "", method=request.method)
    return render(request, "403.html", {"sentence": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = exception.args[0] if exception and exception.args and isinstance(exception.args[0], str) else ""
    # Django's own texts name models and paths; only sentences of ours end with a full stop.
    ours = sentence.endswith(".") and " matches " not in sentence
    return render(request, "404.html", {"sentence": sentence if ours else ""}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    # Who is signed in is asked before a view begins, where no middleware can answer for a database that is away.
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if away else 500
    return render(request, f"{status}.html", {"request_id": getattr(request, "request_id", "")}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if answer := sent_again(request):
        return answer
    sentence = "This form is too old or came from another site. Go back, reload the page and send it again."
    return render(request, "403.html", {"sentence": sentence}, status=403)

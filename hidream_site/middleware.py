"""What every answer carries: a request id, the content security policy, and words instead of a traceback."""

import contextvars
import logging
import re
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import get_resolver

from generations.errors import TooManyRequests

GetResponse = Callable[[HttpRequest], HttpResponseBase]
current_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="-")
logger = logging.getLogger(__name__)


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True


class RefusalsInOneLine(logging.Filter):
    """Django sends a traceback along with every refusal; one is news only where the site failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR:
            record.exc_info = record.exc_text = None
        return True


class SafeLines(logging.Formatter):
    """What somebody typed begins no line of its own, and an address that is a key is named without it.

    Of links that are shared, invite, reset a password or confirm an address a line says only that it was one; in a
    traceback too, whose lines are indented.
    """

    KEYS = re.compile(r"/(s|invitation|accounts/address|accounts/reset/[^/\s]+)/[^/\s?#\"']+")
    CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the name is logging's
        return self._escaped(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        text = self.KEYS.sub(r"/\1/…", super().format(record))
        return "\n    ".join(self._escaped(line) for line in text.split("\n"))

    def _escaped(self, text: str) -> str:
        return self.CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


class RequestId:
    """Takes the proxy's X-Request-ID when it is sane, else draws one; logs, error pages and the answer carry it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        offered = request.headers.get("X-Request-ID", "")
        request_id = offered if re.fullmatch(r"[A-Za-z0-9-]{8,64}", offered) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # error pages print it
        token = current_request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            current_request_id.reset(token)
        response["X-Request-ID"] = request_id
        return response


class ContentSecurityPolicy:
    """Sends settings.SECURE_CSP (the shape of Django 6's setting); a view that set its own policy keeps it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = "; ".join(f"{name} {sources}" for name, sources in settings.SECURE_CSP.items())

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response


class SessionSeen:
    """Keeps when a session was used last; the person it belongs to sees it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        request.session.note_seen()  # type: ignore[attr-defined]  # settings.SESSION_ENGINE has it
        return response


class DatabaseUnavailable:
    """A database that is away or busy beyond its time-out is a 503 with a sentence, not a traceback."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.error("the database did not answer: %s", exception)
        return render(request, "503.html", {"request_id": current_request_id.get()}, status=503)


class OwnNotFoundPage:
    """What is not found is shown on our page in development too; Django's own lists every address."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        no_view = response.status_code == HTTPStatus.NOT_FOUND and request.resolver_match is None
        return _not_found(request, None) if no_view and settings.DEBUG else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return _not_found(request, exception) if isinstance(exception, Http404) else None


def _not_found(request: HttpRequest, exception: Exception | None) -> HttpResponseBase:
    handler: Callable[..., HttpResponseBase] = get_resolver().resolve_error_handler(404)
    return handler(request, exception=exception)


class TooManyRequestsPage:
    """A rate limit that was reached is answered in one way, whichever view met it: 429, and when it goes on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if not isinstance(exception, TooManyRequests):
            return None
        handler: Callable[..., HttpResponseBase] = get_resolver().resolve_error_handler(429)
        return handler(request, exception=exception)


class PrivatePages:
    """No cache keeps a page, so Back asks again: after signing out, and after a picture has come.

    A view that set its own caching keeps it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

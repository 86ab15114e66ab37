"""Headers of every response, and pages in place of tracebacks."""

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
from hidream_site.logs import current_request_id

GetResponse = Callable[[HttpRequest], HttpResponseBase]
logger = logging.getLogger(__name__)


class RequestIdMiddleware:
    """Takes the proxy's X-Request-ID if it is well-formed, or makes one, for logs, error pages and the response."""

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


class ContentSecurityPolicyMiddleware:
    """Sends settings.SECURE_CSP (in the format of Django 6), unless the view has set a policy of its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = "; ".join(f"{name} {sources}" for name, sources in settings.SECURE_CSP.items())

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response


class SessionLastSeenMiddleware:
    """Records when a session was last used, which its user can see."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        request.session.note_seen()  # type: ignore[attr-defined]  # settings.SESSION_ENGINE has it
        return response


class DatabaseUnavailableMiddleware:
    """Answers with a 503 page when the database is away, or busy for longer than its time-out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.error("the database did not answer: %s", exception)
        return render(request, "503.html", status=503)


class NotFoundPageMiddleware:
    """Shows the site's own 404 page in development too; Django's page would list every address."""

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


class TooManyRequestsMiddleware:
    """Answers every rate limit that is exceeded in the same way: with 429, and when to try again."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if not isinstance(exception, TooManyRequests):
            return None
        handler: Callable[..., HttpResponseBase] = get_resolver().resolve_error_handler(429)
        return handler(request, exception=exception)


class NoStoreMiddleware:
    """Keeps pages out of every cache, unless the view has set its own caching.

    So Back loads a page again: after signing out, and after a picture was added.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

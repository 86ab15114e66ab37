"""Headers of every response, and pages in place of tracebacks."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.urls import get_resolver

from generations.errors import TooManyRequests
from generations.health import is_unavailable
from hidream_site.logs import current_request_id

MAX_WAIT_SECONDS = 5.0
# nginx gives a request up after a minute; more is a clock that differs.
MAX_BELIEVED_SECONDS = 60.0
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


class LanguageMiddleware(LocaleMiddleware):
    """Django's, except that pictures and other files do not differ by language and are not kept apart by caches."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class SessionLastSeenMiddleware:
    """Records when a session was last used, which its user can see."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        request.session.note_seen()  # type: ignore[attr-defined]  # settings.SESSION_ENGINE has it
        return response


class ServiceUnavailableMiddleware:
    """Answers with a 503 page when the site is overloaded, or its database is away, read-only or too busy.

    The site is overloaded when a request has waited for too long since nginx took it: its browser has mostly given up,
    and serving it would let the next ones wait as long.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (waited := _waited(request)) > MAX_WAIT_SECONDS:
            logger.warning("refused: nginx took it %.1f s ago, or its clock differs from this machine's", waited)
            return _error_page(503, request, None)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if not is_unavailable(exception):
            return None
        logger.error("the database did not answer: %s", exception)
        return _error_page(503, request, exception)


class NotFoundPageMiddleware:
    """Shows the site's own 404 page in development too; Django's page would list every address."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        no_view = response.status_code == HTTPStatus.NOT_FOUND and request.resolver_match is None
        return _error_page(404, request, None) if no_view and settings.DEBUG else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return _error_page(404, request, exception) if isinstance(exception, Http404) else None


def _waited(request: HttpRequest) -> float:
    """Return the seconds since nginx took the request, by its header `t=SECONDS`; 0 without one that can be true."""
    taken = re.fullmatch(r"t=(\d{1,10}\.\d{1,6})", request.headers.get("X-Request-Start", ""))
    waited = time.time() - float(taken[1]) if taken else 0.0
    return waited if waited < MAX_BELIEVED_SECONDS else 0.0


def _error_page(status: int, request: HttpRequest, exception: Exception | None) -> HttpResponseBase:
    handler: Callable[..., HttpResponseBase] = get_resolver().resolve_error_handler(status)
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
        return _error_page(429, request, exception)


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

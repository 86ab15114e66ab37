"""Where log lines go and what they look like."""

import contextvars
import logging
import re

current_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="-")
# Addresses whose secret part gives access by itself: share links, invitations, confirmations, password resets.
SECRET_URLS = re.compile(r"/(s|invitation|accounts/email|accounts/reset/[^/\s]+)/[^/\s?#\"']+")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class RequestIdFilter(logging.Filter):
    """Adds the id of the current request to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True


class RefusalTracebackFilter(logging.Filter):
    """Drops the traceback that Django attaches to a refused request; only a failure of the site keeps one."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR:
            record.exc_info = record.exc_text = None
        return True


class SafeFormatter(logging.Formatter):
    """Escapes control characters, so that user input starts no line of its own, and leaves secrets out of addresses.

    The lines of a traceback are kept, and indented.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the name is logging's
        return self._escape(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        text = SECRET_URLS.sub(r"/\1/…", super().format(record))
        return "\n    ".join(self._escape(line) for line in text.split("\n"))

    def _escape(self, text: str) -> str:
        return CONTROL_CHARACTERS.sub(lambda found: ascii(found[0])[1:-1], text)


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {name: {"()": f"hidream_site.logs.{name}"} for name in ("RequestIdFilter", "RefusalTracebackFilter")},
    "formatters": {"line": {
        "()": "hidream_site.logs.SafeFormatter", "style": "{",
        "format": "{asctime} {levelname} {name} [{request_id}] {message}",
    }},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["RequestIdFilter"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Django's own would print each line a second time, without the request's id.
        "django": {"handlers": []},
        "django.server": {"handlers": [], "propagate": True},
        "django.request": {"filters": ["RefusalTracebackFilter"]},
    },
}  # fmt: skip

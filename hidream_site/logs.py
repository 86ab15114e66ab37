"""Where log lines go and how they look; the filters and the formatter stand in middleware.py."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {name: {"()": f"hidream_site.middleware.{name}"} for name in ("RequestIdFilter", "RefusalsInOneLine")},
    "formatters": {"line": {
        "()": "hidream_site.middleware.SafeLines", "style": "{",
        "format": "{asctime} {levelname} {name} [{request_id}] {message}",
    }},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["RequestIdFilter"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Django's own would print each line a second time, without the request's id.
        "django": {"handlers": []},
        "django.server": {"handlers": [], "propagate": True},
        "django.request": {"filters": ["RefusalsInOneLine"]},
    },
}  # fmt: skip

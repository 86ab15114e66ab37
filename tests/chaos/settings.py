"""The site's settings with short waits; apps.py lists the shortened constants. The order of steps is unchanged."""

from hidream_site import env
from hidream_site.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.apps.ShortWaits"]  # noqa: F405
STORE_SECONDS, PROBE_SECONDS, BREAKER_SECONDS = 3.0, 1.0, 1.0
CHAOS_NAIVE = env.flag("CHAOS_NAIVE", default=False)
if CHAOS_NAIVE:
    CELERY_IMPORTS = ["tests.chaos.site.naive"]
if env.flag("CHAOS_LATE", default=False):
    # The negative control: messages of dead or slow workers are redelivered while the row may be in progress.
    CELERY_TASK_ACKS_LATE = True
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        **CELERY_BROKER_TRANSPORT_OPTIONS,  # noqa: F405
        "visibility_timeout": 6,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }

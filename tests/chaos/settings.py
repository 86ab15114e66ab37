"""The site's own settings with short waits; which constants are shortened stands in apps.py. No step changes place."""

from hidream_site import env
from hidream_site.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.apps.ShortWaits"]  # noqa: F405
CHAOS_NAIVE = env.flag("CHAOS_NAIVE", default=False)
if CHAOS_NAIVE:
    CELERY_IMPORTS = ["tests.chaos.naive"]
if env.flag("CHAOS_LATE", default=False):
    # The negative knob: every message of a dead or slow worker is delivered again while its row may be in hand.
    CELERY_TASK_ACKS_LATE = True
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        **CELERY_BROKER_TRANSPORT_OPTIONS,  # noqa: F405
        "visibility_timeout": 6,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }

"""The worker of the site with a watchdog that waits seconds instead of minutes.

`python -m tests.faults.impatient WORDS` does the same as `celery WORDS`.
"""

import os

import django
from celery.__main__ import main

os.environ["DJANGO_SETTINGS_MODULE"] = "hidream_site.settings"
django.setup()

from generations.management import watchdog  # noqa: E402  (the models must be there first)

watchdog.IDLE_SECONDS = 2.0
watchdog.CHECK_SECONDS = 0.2

if __name__ == "__main__":
    main()

"""The Celery application; settings.py has its settings, which begin with CELERY_."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hidream_site.settings")

app = Celery("hidream_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["generations"])
# No tasks, but handlers of the worker's signals; loaded with them because they need the models.
app.autodiscover_tasks(["generations.management"], related_name="watchdog")

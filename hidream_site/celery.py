"""The Celery application; its settings, with their causes, stand in settings.py under CELERY_."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hidream_site.settings")

app = Celery("hidream_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["generations"])
# No tasks, but signals of the worker; loaded with them because the models must be there first.
app.autodiscover_tasks(["generations.management"], related_name="watchdog")

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hidream_site.settings")
application = get_wsgi_application()
# Before anybody is served, and so before anybody signs in. By name: its models are there only now.
import_module("generations.services.site.mode").apply_mode_at_start()

import os
from importlib import import_module

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hidream_site.settings")
application = get_asgi_application()
# As in wsgi.py.
import_module("generations.services.site.mode").apply_mode_at_start()

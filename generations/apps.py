from django.apps import AppConfig

from generations import checks  # noqa: F401  (importing it registers the start-up checks)


class GenerationsConfig(AppConfig):
    name = "generations"

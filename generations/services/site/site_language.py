"""The language of what is written for more than one reader."""

from django.utils import translation

from generations.conf import conf


def site_language() -> translation.override:
    """Return a context in which texts are in the language of the site: for emails, and for what is stored for all."""
    return translation.override(conf().language)

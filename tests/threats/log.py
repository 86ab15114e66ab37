"""Log output through the site's own formatter."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

from django.utils.module_loading import import_string


@contextmanager
def written(level: int) -> Iterator[StringIO]:
    """Capture everything from this level on with the configured formatter; the text grows while the block runs."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    kind = import_string("hidream_site.settings.LOGGING")["formatters"]["line"]["()"]
    handler.setFormatter(import_string(kind)("{name} {message}", style="{"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield out
    finally:
        root.removeHandler(handler)
        root.setLevel(before)

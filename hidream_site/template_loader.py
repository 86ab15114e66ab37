"""Templates laid out for people, one element a line, and sent without that layout."""

import re

from django.template.base import Origin
from django.template.loaders.filesystem import Loader

# A line that prints nothing; then the space around the end of a line: before the end of a tag, behind one, elsewhere.
SILENT_LINE = re.compile(r"^[ \t]*(?:\{#.*?#\}|(\{% load [^%]*%\}))[ \t]*\n", re.MULTILINE)
LINE_END = re.compile(r"\s*\n\s*(?P<closing>/?>)|(?<=>)(?P<between>\s*\n\s*)|\s*\n\s*")


def without_layout(source: str) -> str:
    """Return a template without indentation, empty lines, and line breaks at its ends. It is done once, at the load."""
    return LINE_END.sub(_shortest, SILENT_LINE.sub(r"\1", source)).strip()


def _shortest(space: re.Match[str]) -> str:
    # A line break behind a tag stays one: the first in a text area is not part of its text, a space would be.
    return space["closing"] or ("\n" if space["between"] else " ")


class LayoutLoader(Loader):
    def get_contents(self, origin: Origin) -> str:
        """Return the source; text of mails stays as it is."""
        source = super().get_contents(origin)
        return without_layout(source) if str(origin.name).endswith(".html") else source

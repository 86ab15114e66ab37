"""Which files of the documentation are pages of the help, and in which group."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class HelpGroup:
    name: str | Promise
    slugs: tuple[str, ...]


GROUPS = (
    HelpGroup(gettext_lazy("Use the gallery"), ("finding", "ordering", "sharing", "activity", "provenance")),
    HelpGroup(gettext_lazy("Teams and spending"), ("people", "sign-in", "credits", "limits", "spending")),
    HelpGroup(gettext_lazy("Run the site"), ("operations", "configuration", "provider", "rate-limits", "threats")),
    HelpGroup(gettext_lazy("Reference"), ("parameters", "accessibility", "glossary", "changelog")),
)
SLUGS = tuple(slug for group in GROUPS for slug in group.slugs)
# Paths from the project's folder, by which the pages link to each other.
SOURCES = {slug: f"docs/{slug}.md" for slug in SLUGS} | {"changelog": "CHANGELOG.md"}
SLUG_OF = {path: slug for slug, path in SOURCES.items()}


def source(slug: str) -> str:
    """Return the Markdown of a page. Raises KeyError when there is no such page."""
    return (ROOT / SOURCES[slug]).read_text(encoding="utf-8")


@lru_cache(maxsize=len(SLUGS))
def title_of(slug: str) -> str:
    """Return the heading of the first line."""
    return source(slug).partition("\n")[0].removeprefix("# ").strip()


def page_url(slug: str, anchor: str = "") -> str:
    return reverse("help_page", args=[slug]) + (f"#{anchor}" if anchor else "")

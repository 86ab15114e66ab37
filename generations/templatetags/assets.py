"""What a page loads beside its text: icons, style sheets, scripts."""

from functools import lru_cache

from django import template
from django.core.files.storage import storages
from django.templatetags.static import static
from django.utils.html import format_html_join
from lucide.templatetags.lucide import lucide

from hidream_site import static_files

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, **attributes: str | int | None) -> str:
    """Return the Lucide icon as inline SVG: 18 px, class "icon", unseen by screen readers. None drops an attribute."""
    wanted = {"size": 18, "class": "icon", "aria_hidden": "true"} | attributes
    return lucide(name, **{key: value for key, value in wanted.items() if value is not None})  # type: ignore[arg-type]


@register.simple_tag
def stylesheets() -> str:
    """Return the link elements of the style sheets that every page shares."""
    links = ((static(name),) for name in _served(static_files.STYLES, static_files.STYLE_BUNDLE))
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', links)


@register.simple_tag
def scripts() -> str:
    """Return the script elements of the modules that every page shares."""
    return _modules(static_files.SCRIPTS, static_files.SCRIPT_BUNDLE)


@register.simple_tag
def public_scripts() -> str:
    """Return the script elements of a collection by link."""
    return _modules(static_files.PUBLIC_SCRIPTS, static_files.PUBLIC_BUNDLE)


def _modules(files: tuple[str, ...], bundle: str) -> str:
    addresses = ((static(name),) for name in _served(files, bundle))
    return format_html_join("\n", '<script type="module" src="{}"></script>', addresses)


def _served(files: tuple[str, ...], bundle: str) -> tuple[str, ...]:
    """Return the bundle where `collectstatic` makes one, else the single files."""
    return (bundle,) if isinstance(storages["staticfiles"], static_files.BundledStorage) else files

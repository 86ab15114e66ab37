"""HTML of what CommonMark's own renderer leaves bare: headings with a link to themselves, tables, code and pictures."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.core.files.images import get_image_dimensions
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from generations.views.help.pages import ROOT

Rule = Callable[[RendererHTML, Sequence[Token], int, Any, Any], str]


def heading_open(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    token = tokens[at]
    return format_html('<{} id="{}"><a class="help-anchor" href="#{}">', token.tag, *[token.attrGet("id")] * 2)


def heading_close(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    return f"</a></{tokens[at].tag}>\n"


def table_open(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    """Return a table in a box that scrolls; the keyboard reaches it, and it is named by the heading above."""
    above = [one.attrGet("id") for one in tokens[:at] if one.type == "heading_open"]
    name = above[-1] if above else "help-title"
    box = '<div class="help-table" role="region" tabindex="0" aria-labelledby="{}"><table class="table">\n'
    return format_html(box, name)


def table_close(*_: Any) -> str:
    return "</table></div>\n"


def th_open(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    """Return the beginning of a column's heading; an empty one is no heading."""
    return '<th scope="col">' if tokens[at + 1].content else "<td>"


def th_close(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    return "</th>\n" if tokens[at - 1].content else "</td>\n"


def code(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    return render_to_string("help/_code.html", {"text": tokens[at].content.rstrip("\n")})


def image(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    """Return a picture of docs/screenshots, which is a static file; a click shows it in its full size."""
    name = str(tokens[at].attrGet("src")).rpartition("/")[2]
    width, height = _size(name)
    return format_html(
        '<a class="help-picture{}" href="{}"><img src="{}" alt="{}" width="{}" height="{}" loading="lazy"></a>',
        " is-tall" if height > width else "", *[static(f"help/{name}")] * 2, tokens[at].content, width, height,
    )  # fmt: skip


@lru_cache(maxsize=64)
def _size(name: str) -> tuple[int, int]:
    width, height = get_image_dimensions(ROOT / "docs" / "screenshots" / name)
    return width or 0, height or 0


RULES: dict[str, Rule] = {
    "heading_open": heading_open,
    "heading_close": heading_close,
    "table_open": table_open,
    "table_close": table_close,
    "th_open": th_open,
    "th_close": th_close,
    "fence": code,
    "code_block": code,
    "image": image,
}

"""The messages of the site, found in its source: Python, templates and parameter schemas."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.utils import translation
from django.utils.translation.template import templatize

# What each function takes, in order.
FUNCTIONS = {
    "_": ("singular",),
    "gettext": ("singular",),
    "gettext_lazy": ("singular",),
    "ngettext": ("singular", "plural"),
    "ngettext_lazy": ("singular", "plural"),
    "pgettext": ("context", "singular"),
    "pgettext_lazy": ("context", "singular"),
    "npgettext": ("context", "singular", "plural"),
}
# In the code that Django makes of a template, where everything else is blanked out.
TEMPLATE_CALL = re.compile(r"\b(?:_|n?p?gettext)\((?:[^()'\"]|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")*\)")
SCHEMAS = "generations/schema/models"
# The keywords of a parameter schema, and of its options, whose texts are shown in the form.
SCHEMA_TEXTS = {"x-label", "x-help", "title", "description", "label", "help"}


class NotAMessage(ValueError):
    """A call whose text is not written out, so that no catalogue can hold it."""


@dataclass(frozen=True, order=True)
class Message:
    singular: str
    plural: str = ""
    context: str = ""


def messages(root: Path) -> dict[Message, list[str]]:
    """Return every message of the source under `root`, with the files that hold it.

    Raises NotAMessage.
    """
    found: dict[Message, list[str]] = {}
    for path, message in _all(root):
        places = found.setdefault(message, [])
        if path not in places:
            places.append(path)
    # A catalogue has one entry for a text: the one with a plural serves both.
    for message in [message for message in found if message.plural]:
        found[message] += found.pop(Message(message.singular, "", message.context), [])
    return found


def _all(root: Path) -> Iterator[tuple[str, Message]]:
    for folder in ("generations", "hidream_site"):
        for path in sorted((root / folder).rglob("*.py")):
            yield from _named(root, path, of_python(path.read_text(encoding="utf-8"), str(path)))
    for path in sorted((root / "templates").rglob("*.*")):
        yield from _named(root, path, of_template(path.read_text(encoding="utf-8"), str(path)))
    for path in sorted((root / SCHEMAS).glob("*.json")):
        yield from _named(root, path, of_schema(json.loads(path.read_text(encoding="utf-8"))))

    for name in of_models():
        yield "generations/models", Message(name)


def of_models() -> Iterator[str]:
    """Yield the names of models and fields, which the admin shows and Django derives from the code."""
    with translation.override(None):
        for model in apps.get_app_config("generations").get_models():
            meta = model._meta
            yield from (str(meta.verbose_name), str(meta.verbose_name_plural))
            yield from (str(field.verbose_name) for field in meta.local_fields + meta.local_many_to_many)


def _named(root: Path, path: Path, found: Iterator[Message]) -> Iterator[tuple[str, Message]]:
    return ((path.relative_to(root).as_posix(), message) for message in found)


def of_python(source: str, path: str) -> Iterator[Message]:
    """Yield the messages of a module. Raises NotAMessage."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (name := _function(node.func)) in FUNCTIONS:
            texts = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
            kinds = FUNCTIONS[name]
            if len(texts) < len(kinds) or not all(isinstance(text, str) for text in texts[: len(kinds)]):
                if isinstance(node.args[0], ast.Name | ast.Attribute | ast.Subscript):
                    continue  # a text of a schema, which is found there
                raise NotAMessage(f"{path}:{node.lineno}: {name}() needs its text written out")
            yield Message(**dict(zip(kinds, texts, strict=False)))  # type: ignore[arg-type]


def _function(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def of_template(source: str, path: str) -> Iterator[Message]:
    """Yield the messages of a template."""
    for call in TEMPLATE_CALL.findall(templatize(source, origin=path)):
        yield from of_python(call, path)


def of_schema(value: object) -> Iterator[Message]:
    """Yield the texts of a parameter schema that the form shows."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in SCHEMA_TEXTS and isinstance(inner, str):
                yield Message(inner)
            else:
                yield from of_schema(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from of_schema(inner)

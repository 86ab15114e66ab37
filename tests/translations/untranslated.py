"""Text in the source that no translation would reach.

`python -m tests.translations.untranslated PATH ...` lists it, for templates and for modules.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What people read is written there; the emulator, the terminal and the logs speak English.
MODULES = ("access.py", "admin", "errors.py", "forms", "imaging", "ledger", "models", "permissions.py", "pipeline",
           "providers", "queries", "services", "templatetags", "views")  # fmt: skip
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}
ERRORS = {"ValueError", "TypeError", "LookupError", "SchemaError", "TypeVar"}
BLOCK = re.compile(r"{% (blocktranslate|comment)\b.*?{% end\1 %}|{#.*?#}", re.DOTALL)
SHOWN_ATTRIBUTES = re.compile(
    r'\b(?:title|aria-label|aria-description|placeholder|alt|label|data-[a-z-]*(?:text|confirm|usual|label))="([^"]*)"'
)
CODE = re.compile(r"<(script|style|svg)\b.*?</\1>", re.DOTALL)
TEMPLATE_TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
# Names, units and examples are the same in every language.
NAMES = re.compile(
    r"HiDream(?: Gallery)?|Segmind|JavaScript|CSV|FOCUS|JSON|ZIP|PNG|JPEG|WebP|AVIF|C2PA|XMP|EXIF|IPTC|OpenID|"
    r"Android|Windows|Mac OS X|Linux|Edge?\b|Opera|Firefox|Chrome|Safari|"
    r"Esc|Del|Home|End|Shift|Enter|Ctrl|UTC|HTTP|POST|API|&[a-z]+;|\b(?:x|kbd|min|s|px)\b"
)
CODE_TEXT = re.compile(
    r"SELECT |UPDATE |CREATE |INSERT |FROM |PRAGMA |[<>=]{2}|__|^[a-z_]+(?:[ .:/-][a-z_]+)?$|/\{\}|^<[a-z]+ |\.csv$"
    r"|\\b|\.\?|\w\|\w"  # regular expressions
    r"|^Vary$|^HX-Request|^Cookie$|^private, |^default-src |; charset=|^attachment;"  # headers
)
WORD = re.compile(r"[A-Za-z]{2,}")
# A sentence or a label: two words, or a capital letter with small ones behind it.
PROSE = re.compile(r"[A-Za-z]{2,}[,;:.!?’']* [A-Za-z(“\"{]|^[A-Z][a-z]{2,}$")


def of_template(source: str) -> Iterator[str]:
    """Yield the texts of a template that are in no message."""
    rest = CODE.sub(" ", BLOCK.sub(" ", source))
    rest = re.sub(r"<!--.*?-->", " ", rest, flags=re.DOTALL)
    untagged = TEMPLATE_TAG.sub(" ", rest)
    for text in SHOWN_ATTRIBUTES.findall(untagged):
        if WORD.search(NAMES.sub(" ", text)):
            yield text.strip()
    for text in re.split(r"<[^<>]*>", untagged):
        if WORD.search(NAMES.sub(" ", text)):
            yield " ".join(text.split())


def of_mail(source: str) -> Iterator[str]:
    """Yield the lines of a mail's template that are in no message."""
    for line in TEMPLATE_TAG.sub(" ", BLOCK.sub(" ", source)).splitlines():
        if WORD.search(NAMES.sub(" ", line)):
            yield line.strip()


def of_module(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each literal that reads like prose and is not the argument of a gettext function."""
    tree = ast.parse(source)
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        passed |= _not_shown(node)
    for node in ast.walk(tree):
        if node in passed or not isinstance(node, ast.JoinedStr | ast.Constant):
            continue
        text = _text(node)
        if PROSE.search(NAMES.sub("", text).strip()) and not _is_code(text):
            yield node.lineno, text


def _not_shown(node: ast.AST) -> set[ast.AST]:
    """Return the nodes that are translated, documentation, or for the log."""
    return {inner for shown in (*_documentation(node), *_arguments(node), *_names(node)) for inner in ast.walk(shown)}


def _documentation(node: ast.AST) -> list[ast.AST]:
    """Return docstrings, and how a row is named for developers."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return [node.value]
    return [node] if isinstance(node, ast.FunctionDef) and node.name in {"__str__", "__repr__"} else []


def _arguments(node: ast.AST) -> list[ast.AST]:
    """Return the arguments of calls that translate, log, or complain about the code; the parts of a joined string."""
    if isinstance(node, ast.JoinedStr):
        return list(node.values)
    if not isinstance(node, ast.Call):
        return []
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    owner = called.value.id if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) else ""
    return list(node.args) if name in FUNCTIONS | ERRORS or owner in {"log", "logger", "re", "warnings"} else []


def _names(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a node that name things of the code: types, keys, what a module exports, stored values."""
    if isinstance(node, ast.Subscript):
        return [node.slice]
    if isinstance(node, ast.FunctionDef):
        return [node.returns] if node.returns else []
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
        return [node.value.elts[0]]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
        return [node.value]
    return [node.annotation] if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation else []


def _text(node: ast.JoinedStr | ast.Constant) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node.value, str) else ""


def _is_code(text: str) -> bool:
    return bool(CODE_TEXT.search(text))


def lines(paths: list[Path]) -> Iterator[str]:
    """Yield `file: text` of everything untranslated in these files and folders."""
    for path in paths:
        for file in sorted(path.rglob("*.*")) if path.is_dir() else [path]:
            if file.suffix == ".html":
                yield from (f"{file}: {text}" for text in of_template(file.read_text(encoding="utf-8")))
            elif file.suffix == ".txt":
                yield from (f"{file}: {text}" for text in of_mail(file.read_text(encoding="utf-8")))
            elif file.suffix == ".py":
                yield from (f"{file}:{line}: {text}" for line, text in of_module(file.read_text(encoding="utf-8")))


if __name__ == "__main__":
    found = list(lines([Path(word) for word in sys.argv[1:]]))
    print("\n".join(found))
    sys.exit(bool(found))

"""What people wrote stands in its own direction: Arabic and Hebrew from the right, whatever surrounds them.

A variable with people's words stands inside an element with `dir="auto"`, or in a `<bdi>` inside a sentence; each field
that takes free text has `dir="auto"`. Attributes have no direction of their own, nor has the title of the window.
"""

import re
from pathlib import Path

import pytest

from hidream_site.settings import BASE_DIR

ROOT = BASE_DIR / "templates"
TEMPLATES = sorted(path for path in ROOT.rglob("*.html") if path.relative_to(ROOT).parts[0] != "admin")
# Variables that hold people's words wherever they are printed.
WORDS = re.compile(
    r"(?:.*\.)?(?:prompt|full_prompt|display_name|author|who|creator|sharer|sender|description|comment|collection|excerpt)"
    r"|(?:.*\.)?(?:team|collection|tag|saved|open)\.name|site\.team\.name|message"
)
# More of them, of templates in which a name says less.
MORE = {
    "accounts/two_factor/_settings.html": {"one.name"},
    "activity/_comment_thread.html": {"text", "line.text", "one.name", "one.handle"},
    "activity/notifications.html": {"line.team", "line.text.headline", "line.text.sentence"},
    "collections/collection_list.html": {"card.name"},
    "gallery/search/_filters.html": {"chip.value_label"},
    "gallery/search/_saved_searches.html": {"tab.label"},
    "generations/_difference_row.html": {"text"},
    "generations/_labels.html": {"one.name"},
    "generations/_metadata.html": {"value"},
    "generations/_panel.html": {"fact.value"},
    "generations/compare.html": {"text"},
    "orders/_approval_request.html": {"value"},
    "orders/approvals.html": {"one.note", "one.by"},
    "orders/batch.html": {"title"},
    "provenance/verify.html": {"answer.name", "picture.team", "picture.made"},
    "provider/_pause.html": {"one.reason", "one.end_reason", "one.began_by", "one.ended_by"},
    "provider/_reconciliation.html": {"one.note", "one.by"},
    "sharing/_link_row.html": {"line.title"},
    "sharing/_share.html": {"thing.title"},
    "sharing/link_list.html": {"line.title"},
    "sharing/public_collection.html": {"link.title"},
    "sharing/public_picture.html": {"link.title"},
    "spending/all_teams.html": {"one.name"},
    "spending/credits.html": {"one.name", "sign_off.by"},
    "spending/keep_rate.html": {"one.name"},
    "spending/ledger_entries.html": {"one.picture.words", "one.note", "title"},
    "spending/_head.html": {"title"},
    "spending/sign_off.html": {"line.name", "signed.note"},
    "teams/_invitation.html": {"one.by"},
    "teams/_member.html": {"one.name"},
}
VOID = {"input", "img", "link", "meta", "br", "hr", "use", "path", "source", "wbr", "circle", "rect", "line"}
# Read by programs or shown by the browser outside of the page, where no markup has an effect.
UNMARKED = {"title", "script", "style", "block title"}
TOKEN = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|</\w+\s*>|<\w+(?:\{%.*?%\}|\{\{.*?\}\}|\"(?:\{%.*?%\}|\{\{.*?\}\}|[^\"])*\"|[^<>\"])*>",
    re.DOTALL,
)
# Fields of other kinds than free text: numbers, addresses, dates, secrets, and what is only read.
NOT_TEXT = re.compile(
    r'type="(?!text"|search"|\{)|inputmode="(?:numeric|decimal)"|\breadonly\b|name="sha256"|class="[^"]*\bmono\b'
)


def elements(text):
    """Yield each tag with its name, and each printed variable with the elements around it."""
    stack = []
    for found in TOKEN.finditer(text):
        token = found[0]
        if token.startswith("</"):
            name = token[2:-1].strip()
            while stack and stack.pop()[0] != name:
                pass
        elif token.startswith("<") and not token.startswith("<!"):
            name = re.match(r"<(\w+)", token)[1]
            yield "tag", found, name
            if name not in VOID and not token.endswith("/>"):
                stack.append((name, found))
        elif token.startswith("{{"):
            yield "variable", found, list(stack)
        elif token.startswith("{% block title %}"):
            stack.append(("block title", found))
        elif token.startswith("{% endblock") and stack and stack[-1][0] == "block title":
            stack.pop()


def is_words(path, token):
    """Return whether the printed variable holds people's words."""
    variable = token.strip("{} ").partition("|")[0].strip()
    return bool(WORDS.fullmatch(variable)) or variable in MORE.get(str(path.relative_to(ROOT)), ())


def is_isolated(around):
    """Return whether one of these elements gives what is in it a direction of its own."""
    return any(name in {"bdi", *UNMARKED} or 'dir="auto"' in start[0] for name, start in around)


def takes_text(name, token):
    return name == "textarea" or (name == "input" and not NOT_TEXT.search(token))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_words_of_people_stand_in_their_own_direction(path: Path):
    text = path.read_text(encoding="utf-8")
    found = list(elements(text))

    bare = [
        one[0]
        for kind, one, inside in found
        if kind == "variable" and is_words(path, one[0]) and not is_isolated(inside)
    ]
    fields = [
        one[0] for kind, one, name in found if kind == "tag" and takes_text(name, one[0]) and 'dir="auto"' not in one[0]
    ]

    assert (bare, fields) == ([], [])


def test_each_template_named_here_is_there():
    assert [name for name in MORE if not (ROOT / name).exists()] == []


def test_words_are_found():
    start = '<p class="a{% if b %} c{% endif %}" id="{{ row.author }}">'
    text = f"{start}By {{{{ row.author }}}}, <bdi>{{{{ row.prompt }}}}</bdi></p>"
    bare = [one[0] for kind, one, inside in elements(text) if kind == "variable" and not is_isolated(inside)]

    assert bare == ["{{ row.author }}"]

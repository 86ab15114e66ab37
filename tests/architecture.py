"""What may import what: the layers of the app, and the features inside a layer.

`python -m tests.architecture` writes the table in docs/architecture.md again.
"""

from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "architecture.md"
BEGIN, END = "<!-- layers: written by `make docs` -->\n", "<!-- end of layers -->\n"
# Bottom first. Names of one set are strangers to each other. Each says what it holds, for the table.
LAYERS: list[dict[str, str]] = [
    {
        "errors": "the exception family",
        "conf": "the only reader of settings",
        "folding": "the form in which texts are compared",
    },
    {
        "schema": "parameter schemas and coercion",
        "imaging": "image bytes: inspection, thumbnails, provenance",
        "triggers": "what keeps the ledger unchanged in the database",
    },
    {
        "models": "what we remember",
        "providers": "who generates: Segmind over HTTP",
        "emulator": "the local stand-in for Segmind",
    },
    {
        "permissions": "roles to verbs",
        "storage": "files and the spool",
        "ledger": "entries, sums, limits; the only writer of entries",
        "limiter": "the rate limit shared by all workers",
        "scheduler": "whose picture is sent next",
    },
    {"queries": "reads that compose", "pipeline": "what becomes of a queued generation"},
    {"tasks": "Celery entrances"},
    {"services": "what a user asks for: one verb, one transaction"},
    {"access": "get-or-404", "health": "probes", "checks": "start-up checks"},
    {"forms": "Django forms grown from a schema; query string to search value and back"},
    {
        "views": "pages and their answers",
        "management": "commands, the sweeper, the devserver",
        "templatetags": "template tags",
        "admin": "Django's admin",
    },
    {"urls": "routes", "apps": "the app's start"},
]
# Bottom first: a feature of a layer may import features of lower sets of the same layer.
FEATURES: dict[str, list[set[str]]] = {
    "pipeline": [
        {"admin_alerts", "isolation", "balance_readings"},
        {"charges", "circuit_breaker"},
        {"worker"},
        {"recovery", "reconciliation"},
    ],
    "queries": [
        {"site"},
        {"accounts", "generations", "provenance", "sharing", "spending", "teams"},
        {"gallery", "orders", "provider"},
        {"activity", "collections"},
    ],
    "services": [
        {"site"},
        {"activity", "gallery", "provenance", "provider"},
        {"collections", "sharing"},
        {"orders"},
        {"generations", "teams"},
        {"accounts", "spending"},
    ],
    "views": [
        {"site"},
        {"accounts", "cards", "help", "provider", "teams"},
        {"activity", "provenance", "spending"},
        {"generations"},
        {"gallery", "sharing"},
        {"collections", "orders"},
    ],
    "management": [{"backup", "devserver", "messages", "provider_check", "sweeper", "watchdog"}, {"commands"}],
}
# Of a folder, without __init__.py. Django wants one package of models and one of commands.
MAX_FILES = 16


def table() -> str:
    """Return the layers as a Markdown table, bottom first."""
    rows = ["| layer | module | what it holds |", "| --- | --- | --- |"]
    for number, modules in enumerate(LAYERS):
        names = ", ".join(f"`{name}`" for name in modules)
        rows.append(f"| {number} | {names} | {'; '.join(modules.values())} |")
    rows += ["", "Inside a layer a feature knows the features left of it:", ""]
    for layer, floors in FEATURES.items():
        order = " ← ".join(", ".join(sorted(names)) for names in floors)
        rows.append(f"- `{layer}`: {order}")
    return "\n".join(rows) + "\n"


def write() -> None:
    """Replace the part between the two marks in docs/architecture.md."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{table()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    write()

"""Output of a run, and what is kept of it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.chaos.checks.books import Books
from tests.chaos.checks.checker import Finding
from tests.chaos.checks.figures import Figure

MAX_FINDINGS = 20


def table(runs: Sequence[Sequence[Figure]], heads: Sequence[str]) -> str:
    """Return the table with one column for each run; a number that misses its goal is marked."""
    names = [figure.name for figure in runs[0]]
    width = max(map(len, names)) + 2
    lines = [f"| {'':{width}} | goal | " + " | ".join(f"{head:>12}" for head in heads) + " |"]
    lines.append(f"| {'-' * width} | ---: | " + " | ".join("-----------:" for _ in heads) + " |")
    for row, name in enumerate(names):
        figures = [run[row] for run in runs]
        goal = "" if figures[0].goal is None else str(figures[0].goal)
        cells = " | ".join(f"{_cell(figure):>12}" for figure in figures)
        lines.append(f"| {name:{width}} | {goal:>4} | {cells} |")
    return "\n".join(lines)


def _cell(figure: Figure) -> str:
    value = f"{figure.value:.4f}" if isinstance(figure.value, Decimal) else str(figure.value)
    return f"{value} !!" if figure.missed else value


def lines(findings: Sequence[Finding]) -> Iterable[str]:
    for finding in findings[:MAX_FINDINGS]:
        yield f"{finding.rule}  {finding.figure}: {finding.subject}: {finding.sentence}"
    if len(findings) > MAX_FINDINGS:
        yield f"… and {len(findings) - MAX_FINDINGS} more, all in findings.json"


def keep(folder: Path, books: Books, findings: Sequence[Finding], figures: Sequence[Figure]) -> None:
    """Write records, violations and figures, so that a number can be traced to its rows when the data is gone."""
    _write(folder / "books.json", asdict(books))
    _write(folder / "findings.json", [finding._asdict() for finding in findings])
    _write(folder / "figures.json", [figure._asdict() for figure in figures])


def kept(folder: Path) -> list[Figure]:
    """Return the figures of a finished run."""
    rows = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    return [Figure(row["name"], _number(row["value"]), row["goal"]) for row in rows]


def _number(value: int | str) -> int | Decimal:
    return value if isinstance(value, int) else Decimal(value)


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=1, default=_plain), encoding="utf-8")


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)

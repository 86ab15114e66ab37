"""Reading of the three sets of records: the provider's ledger file, the database, and the site's folders."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from generations import models
from generations.imaging import looks_like_picture
from tests.chaos.checks.books import Attempt, Books, Call, Disk, Entry, Generation, Image, Site


def read(ledger: Path, data: Path, ordered: Iterable[str]) -> Books:
    return Books(provider(ledger), site(), disk(data), tuple(ordered))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def provider(ledger: Path) -> tuple[Call, ...]:
    by_request: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in ledger.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["request_id"]:
            by_request[entry["request_id"]].append(entry)
    return tuple(_call(entries) for entries in by_request.values())


def _call(entries: list[dict[str, Any]]) -> Call:
    first = entries[0]
    return Call(
        first["request_id"],
        first["seed"],
        first["prompt_sha256"],
        tuple(Decimal(entry["cost"]) for entry in entries if entry["kind"] == "CHARGED"),
        frozenset(entry["body_sha256"] for entry in entries if entry["kind"] == "DELIVERED"),
        next((entry["fault"] for entry in entries if entry["fault"]), ""),
        first["version"],
    )


def site() -> Site:
    generations = models.Generation.objects.order_by("id").values_list("id", "prompt", "state", "cost")
    attempts = models.Attempt.objects.order_by("id").values_list(
        "id", "generation_id", "seed", "state", "sent_at", "cost", "cost_estimated", "reason"
    )
    images = models.Image.objects.values_list("generation_id", "attempt_id", "path", "sha256")
    return Site(
        tuple(Generation(str(id), sha256(prompt.encode()), state, cost) for id, prompt, state, cost in generations),
        tuple(
            Attempt(str(id), str(generation), seed, state, sent is not None, cost, estimated, reason)
            for id, generation, seed, state, sent, cost, estimated, reason in attempts
        ),
        tuple(Image(str(generation), str(attempt), path, digest) for generation, attempt, path, digest in images),
        frozenset(models.Thumbnail.objects.values_list("path", flat=True)),
        _ledger(),
    )


def _ledger() -> tuple[Entry, ...] | None:
    model: Any = getattr(models, "LedgerEntry", None)
    if model is None:
        return None  # this version of the site has none
    rows = model.objects.values_list("kind", "amount", "generation_id", "attempt_id", "estimated")
    return tuple(
        Entry(kind, amount, str(generation or ""), str(attempt or ""), estimated)
        for kind, amount, generation, attempt, estimated in rows
    )


def disk(data: Path) -> Disk:
    originals = {str(path.relative_to(data)): path.read_bytes() for path in _files(data, "originals")}
    return Disk(
        {name: sha256(content) for name, content in originals.items()},
        frozenset(name for name, content in originals.items() if not looks_like_picture(content)),
        frozenset(str(path.relative_to(data)) for path in _files(data, "thumbnails")),
        {path.stem: sha256(_body(path)) for path in _files(data, "spool") if path.suffix == ".answer"},
        {path.stem: sha256(_body(path)) for path in _files(data, "rejected")},
        frozenset(path.stem for path in _files(data, "rejected") if looks_like_picture(_body(path))),
    )


def _files(data: Path, folder: str) -> list[Path]:
    """Return complete files; partial ones are left by killed processes and removed after a day."""
    found = (data / folder).rglob("*")
    return sorted(path for path in found if path.is_file() and path.suffix != ".part")


def _body(path: Path) -> bytes:
    """Return the body of an answer, which follows one line of metadata."""
    return path.read_bytes().partition(b"\n")[2]

"""Many pictures as one ZIP file that is written while it is being sent: nothing of it is ever held as a whole."""

import csv
import io
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Sum
from django.utils import timezone
from django.utils.text import slugify
from zipstream import ZipStream

from generations.errors import GalleryError
from generations.models import Generation, Image, User
from generations.services import audit
from generations.storage import files

# Rows are read, and their right to be seen is asked again, for so many pictures at a time.
AT_ONCE = 100
FEWEST_DIGITS = 8
# While it is sent, one of the few threads that serve pages is busy with it.
MOST_PICTURES = 2_000
MOST_BYTES = 8 * 1024**3
COLUMNS = [
    "file", "id", "created_at", "made_by", "prompt", "model", "parameters", "seed", "width", "height", "sha256",
    "cost_usd", "cost_is_estimate", "visibility", "tags",
]  # fmt: skip
# What a spreadsheet would take for a formula behind what is blank or has no width, or for more than one line. In East
# Asian settings the wide forms of the signs count as well.
FORMULA = re.compile("[\\s\0\u200b-\u200f\u2060\ufeff]*[=+@\uff1d\uff0b\uff0d\uff20-]")
BREAKING = ("\t", "\r", "\n", "\0")


def archive(*, actor: User, ids: Sequence[uuid.UUID]) -> Iterator[bytes]:
    """The originals that the person may see, in this order, then what is known of them as JSON and as CSV.

    Whoever loses the right to see them while this runs gets no further pictures. Raises GalleryError, before anything
    is sent, when it would be too much.
    """
    _refuse_too_much(ids)
    audit.tell("zip", actor=actor.pk, pictures=len(ids))
    return _archive(actor, ids)


def _refuse_too_much(ids: Sequence[uuid.UUID]) -> None:
    if len(ids) > MOST_PICTURES:
        raise GalleryError(
            f"A ZIP holds {MOST_PICTURES:,} pictures, and these are {len(ids):,}. Choose fewer, in several parts."
        )
    size = Image.objects.filter(generation__in=ids).aggregate(size=Sum("size"))["size"] or 0
    if size > MOST_BYTES:
        raise GalleryError(
            f"A ZIP holds {MOST_BYTES // 1024**3} GB, and these are {size / 1024**3:.1f} GB. "
            "Choose fewer, in several parts."
        )


def _archive(actor: User, ids: Sequence[uuid.UUID]) -> Iterator[bytes]:
    digits = fewest_digits(ids)
    stream = ZipStream()
    for row in _rows(actor, ids):
        if path := _path(row):
            stream.add_path(path, file_name(row, digits))
            yield from stream.file()
    stream.add(_json(_records(actor, ids, digits)), "metadata.json")
    yield from stream.file()
    stream.add(_csv(_records(actor, ids, digits)), "metadata.csv")
    yield from stream.file()
    yield from stream.finalize()


def file_name(row: Generation, digits: int) -> str:
    """Date, words and the end of the id. Letters, digits, spaces and hyphens only, whatever the prompt says."""
    day = timezone.localdate(row.created_at).isoformat()
    words = slugify(row.prompt)[:50].strip("-_") or "picture"
    return f"{day} {words} {row.id.hex[-digits:]}.{_image(row).format.replace('jpeg', 'jpg')}"


def fewest_digits(ids: Sequence[uuid.UUID]) -> int:
    """How many last digits of the ids tell all of them apart."""
    different = len(set(ids))
    lengths = (FEWEST_DIGITS, 12, 16, 32)
    return next(length for length in lengths if len({id_.hex[-length:] for id_ in ids}) == different)


def cell(value: object) -> str:
    """A text that no spreadsheet calculates."""
    text = str(value)
    if FORMULA.match(text) or text.startswith(BREAKING):
        return f"'{text}"
    return text


def _rows(actor: User, ids: Sequence[uuid.UUID]) -> Iterator[Generation]:
    seen = Generation.objects.visible_to(actor).shown().filter(image__isnull=False)
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        found = seen.select_related("image", "author").prefetch_related("taggings__tag").in_bulk(part)
        yield from (found[id_] for id_ in part if id_ in found)


def _records(actor: User, ids: Sequence[uuid.UUID], digits: int) -> Iterator[dict[str, object]]:
    for row in _rows(actor, ids):
        yield _record(row, digits)


def _record(row: Generation, digits: int) -> dict[str, object]:
    image = _image(row)
    words = sorted(one.tag.name for one in row.taggings.all())
    values = [
        file_name(row, digits) if _path(row) else None, str(row.id), row.created_at.isoformat(),
        row.author.display_name if row.author else None, row.prompt, row.model, row.parameters, row.seed,
        image.width, image.height, image.sha256, None if row.cost is None else str(row.cost), row.cost_estimated,
        row.visibility, words,
    ]  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _json(records: Iterable[dict[str, object]]) -> Iterator[bytes]:
    yield b"["
    for number, record in enumerate(records):
        yield (",\n" if number else "\n").encode() + json.dumps(record, ensure_ascii=False).encode()
    yield b"\n]\n"


def _csv(records: Iterable[dict[str, object]]) -> Iterator[bytes]:
    yield _line(COLUMNS)
    for record in records:
        yield _line([_plain(value) for value in record.values()])


def _plain(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _line(values: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow([cell(value) for value in values])
    return text.getvalue().encode()


def _image(row: Generation) -> Image:
    return row.image


def _path(row: Generation) -> str | None:
    """None for a file that is missing on the disk: the others are still worth having."""
    image = _image(row)
    return str(files.path_of(image.path)) if files.is_whole(image.path, image.size) else None

"""ZIP files of many pictures, streamed while they are written: memory use does not grow with their size."""

import json
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from zipstream import ZipStream

from generations.errors import GalleryError, UnusableImage
from generations.folding import fold
from generations.imaging import Mark
from generations.models import Generation, Image, ShareLink, User, name_in
from generations.queries.provenance.provenance import download_mark, link_mark
from generations.queries.sharing.share_links import visible_generations_now
from generations.services.generations.downloads import record_downloads
from generations.services.site import audit
from generations.services.site.csv_lines import csv_cell, csv_head, csv_line
from generations.services.site.file_names import size_in_name, words_in_name
from generations.storage import files
from generations.storage.copies import Copy, copy_of

# Pictures are read, and their visibility is checked again, in batches of this size.
BATCH_SIZE = 100
MIN_DIGITS = 8
# A download occupies one of the few web threads until it ends, hence these limits.
MAX_PICTURES = 2_000
MAX_BYTES = 8 * 1024**3
COLUMNS = [
    "file", "id", "created_at", "made_by", "prompt", "model", "parameters", "seed", "width", "height", "sha256",
    "cost_usd", "cost_is_estimate", "visibility", "tags",
]  # fmt: skip
logger = logging.getLogger(__name__)


def zip_archive(*, actor: User, ids: Sequence[uuid.UUID]) -> Iterator[bytes]:
    """Stream marked copies of the pictures the user may see, in this order, then their metadata as JSON and CSV.

    Visibility is checked again for each batch, so a user who loses access while this runs gets no further pictures.
    Raises GalleryError, before anything is sent, when there are more than MAX_PICTURES or MAX_BYTES.
    """
    _refuse_too_much(ids)
    audit.log_event("zip", actor=actor.pk, pictures=len(ids))
    return _archive(actor, ids)


def _refuse_too_much(ids: Sequence[uuid.UUID]) -> None:
    if len(ids) > MAX_PICTURES:
        sentence = _("A ZIP can hold up to %(maximum)s pictures. Select fewer and download them in parts.")
        raise GalleryError(sentence % {"maximum": number_format(MAX_PICTURES, force_grouping=True)})
    size = Image.objects.filter(generation__in=ids).aggregate(size=Sum("size"))["size"] or 0
    if size > MAX_BYTES:
        sentence = _(
            "This ZIP would have %(size)s GB; the maximum is %(maximum)s GB. "
            "Select fewer pictures and download them in parts."
        )
        raise GalleryError(
            sentence % {"size": number_format(size / 1024**3, decimal_pos=1), "maximum": MAX_BYTES // 1024**3}
        )


def _archive(actor: User, ids: Sequence[uuid.UUID]) -> Iterator[bytes]:
    digits = fewest_digits(ids)
    stream = ZipStream()
    sent: set[uuid.UUID] = set()
    try:
        for row in _rows(actor, ids):
            if copy := _copy(row, download_mark(row)):
                stream.add(copy, file_name(row, digits), size=copy.size)
                yield from stream.file()
                sent.add(row.id)
    finally:
        # In `finally`, so that pictures sent before an aborted download are recorded too.
        record_downloads(sent)
    stream.add(_json(_records(actor, ids, digits, sent)), "metadata.json")
    yield from stream.file()
    stream.add(_csv(_records(actor, ids, digits, sent)), "metadata.csv")
    yield from stream.file()
    yield from stream.finalize()


def shared_zip_archive(*, link: ShareLink, ids: Sequence[uuid.UUID]) -> Iterator[bytes]:
    """Stream marked copies of the pictures behind a share link, numbered in this order, with no data beyond its page.

    A link that is revoked or expires while this runs ends the download within one batch. Raises GalleryError, before
    anything is sent, when there are more than MAX_PICTURES or MAX_BYTES.
    """
    _refuse_too_much(ids)
    audit.log_event("zip", link=str(link.id), pictures=len(ids))
    return _shared_archive(link, ids)


def _shared_archive(link: ShareLink, ids: Sequence[uuid.UUID]) -> Iterator[bytes]:
    digits = len(str(len(ids)))
    stream = ZipStream()
    sent: list[uuid.UUID] = []
    try:
        for place, row in enumerate(
            _found(lambda: visible_generations_now(link).select_related("team", "image"), ids), start=1
        ):
            if copy := _copy(row, link_mark(row, link)):
                stream.add(copy, _shared_name(row, f"{place:0{digits}}"), size=copy.size)
                yield from stream.file()
                sent.append(row.id)
    finally:
        record_downloads(sent)
    yield from stream.finalize()


def file_name(row: Generation, digits: int) -> str:
    """Return date, prompt, the end of the id and the size as a file name.

    The ends of the ids differ, so do the names, also on a disk that takes letters of both cases, or both forms of an
    accent, for the same.
    """
    day = timezone.localdate(row.created_at).isoformat()
    words = words_in_name(row.prompt, "picture")
    return f"{day} {words} {row.id.hex[-digits:]} {size_in_name(_image(row))}.{_ending(row)}"


def _shared_name(row: Generation, place: str) -> str:
    return f"{place} picture-{row.id.hex[-12:]} {size_in_name(_image(row))}.{_ending(row)}"


def fewest_digits(ids: Sequence[uuid.UUID]) -> int:
    """Return how many last digits of the ids are needed to tell all of them apart."""
    different = len(set(ids))
    lengths = (MIN_DIGITS, 12, 16, 32)
    return next(length for length in lengths if len({id_.hex[-length:] for id_ in ids}) == different)


def _rows(actor: User, ids: Sequence[uuid.UUID]) -> Iterator[Generation]:
    seen = Generation.objects.visible_to(actor).shown().filter(image__isnull=False)
    return _found(lambda: seen.select_related("team", "image", "author").prefetch_related("taggings__tag"), ids)


def _found(seen: Callable[[], "QuerySet[Generation]"], ids: Sequence[uuid.UUID]) -> Iterator[Generation]:
    for start in range(0, len(ids), BATCH_SIZE):
        part = ids[start : start + BATCH_SIZE]
        found = seen().in_bulk(part)
        yield from (found[id_] for id_ in part if id_ in found)


def _records(actor: User, ids: Sequence[uuid.UUID], digits: int, sent: Set[uuid.UUID]) -> Iterator[dict[str, object]]:
    for row in _rows(actor, ids):
        yield _record(row, file_name(row, digits) if row.id in sent else None)


def _record(row: Generation, file: str | None) -> dict[str, object]:
    image = _image(row)
    words = sorted((one.tag.name for one in row.taggings.all()), key=fold)
    values = [
        file, str(row.id), row.created_at.isoformat(),
        name_in(row, "author", "") or None, row.prompt, row.model, row.parameters, row.seed,
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
    yield csv_head(COLUMNS, quote_all=True)
    for record in records:
        yield csv_line([csv_cell(_plain(value)) for value in record.values()], quote_all=True)


def _plain(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _image(row: Generation) -> Image:
    return row.image


def _ending(row: Generation) -> str:
    return _image(row).format.replace("jpeg", "jpg")


def _copy(row: Generation, mark: Mark) -> Copy | None:
    """Return the marked copy; None if the file is missing or damaged, because the other pictures are still useful."""
    image = _image(row)
    try:
        return copy_of(image, mark) if files.is_whole(image.path, image.size) else None
    except (OSError, UnusableImage) as error:
        logger.warning("%s is left out of an archive: %s", row.id, error)
        return None

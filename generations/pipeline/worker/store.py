"""Storing of paid answers from the spool. Every step may be repeated, and takes effect once.

1. Mark the attempt `answered` and post its charge.  2. Download the file if the answer only links to it.
3. Validate the image.  4. Write the files.  5. Insert image and thumbnails; attempt `stored`, generation `done`.
6. Remove the spool file.
"""

import hashlib
import logging
import os
import threading
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import ledger, schema
from generations.errors import GalleryError, NotDownloaded, UnlistedHost, UnusableAnswer, UnusableImage
from generations.imaging import Derived, Inspected, inspect, placeholder, thumbnails
from generations.models import (
    OPEN,
    Attempt,
    AttemptState,
    CostSource,
    Generation,
    Image,
    Rejection,
    State,
    Thumbnail,
)  # fmt: skip
from generations.pipeline.admin_alerts import alert_admins_throttled
from generations.pipeline.charges import record_charge
from generations.pipeline.circuit_breaker import breaker, pauses
from generations.pipeline.worker import downloads
from generations.pipeline.worker.claim import NO_LEASE, move, move_attempt
from generations.providers.base import Answer, Provider
from generations.storage import files, spool

logger = logging.getLogger(__name__)
# Many threads wait for paid calls; decoding is bound by the processor, and more at once than cores only costs memory.
image_work = threading.BoundedSemaphore(os.cpu_count() or 1)
MISSING_HINT = gettext_lazy(
    "If it belongs to the provider, add it to SEGMIND_FILE_HOSTS and restart web, worker and sweeper. The "
    "responses are kept for a day; their files are downloaded as soon as this is fixed."
)
NO_ROOM = gettext_lazy("The file couldn't be written to this site's disk.")
SUPERSEDED = gettext_lazy(
    "Its response arrived after another attempt had started. It was charged, and the response is kept."
)


def accept(attempt_id: uuid.UUID, answer: Answer, provider: Provider) -> None:
    """Store the picture of an answer in the spool.

    Safe to call twice, by two processes, and late, for an attempt that is already `unknown`.
    """
    attempt = Attempt.objects.select_related("generation").get(id=attempt_id)
    if attempt.state == AttemptState.STORED:
        spool.remove(attempt_id)
        return
    elsewhere = not answer.lost and provider.must_download(answer)
    wanted = _record(attempt, answer, elsewhere=elsewhere)
    free_connection()
    if answer.lost:
        # Meanwhile another process may have found the picture at the provider and written it there instead.
        if (kept := spool.read(attempt_id)) and kept.lost:
            spool.remove(attempt_id)
        breaker.note_undelivered(_("The response didn't arrive: %(cause)s.") % {"cause": answer.lost})
        return
    if not wanted:
        spool.set_aside(attempt_id)
        return
    try:
        if elsewhere:
            found = _downloaded(attempt_id, answer, provider)
            if found is None:
                return  # another process downloads it, or the next try is not due
            answer = found
        data = provider.picture(answer)
        with image_work:
            inspected = inspect(data)
            tiny, derived = placeholder(inspected.pixels), thumbnails(inspected.pixels)
    except (NotDownloaded, UnlistedHost) as error:
        _download_later(attempt, error)
    except (UnusableAnswer, UnusableImage) as error:
        _reject(attempt, error, Rejection.UNUSABLE)
    else:
        _keep(attempt, data, inspected, tiny, derived)


def _downloaded(attempt_id: uuid.UUID, answer: Answer, provider: Provider) -> Answer | None:
    """Return the answer with the downloaded file in the spool; None when no try is due or the disk is full."""
    if not downloads.begin_download(attempt_id):
        if error := downloads.is_exhausted(attempt_id):
            raise error
        return None
    answer = replace(answer, body=provider.picture(answer), content_type="", is_file=True)
    try:
        spool.write(attempt_id, answer)
    except OSError:
        logger.exception("the spool took no file for attempt %s", attempt_id)
        downloads.return_try(attempt_id, str(NO_ROOM))
        return None
    downloads.finish_download(attempt_id)
    return answer


def _download_later(attempt: Attempt, error: UnusableAnswer) -> None:
    """Leave the answer in the spool for the sweeper, or give the file up."""
    if isinstance(error, UnlistedHost):
        alert_admins_throttled("file host", _("Charged pictures can't be downloaded"), f"{error.place} {MISSING_HINT}")
    if downloads.postpone(attempt.id, error):
        breaker.note_undelivered(error.message)
    else:
        _reject(attempt, error, Rejection.NOT_DOWNLOADED)


@transaction.atomic
def _record(attempt: Attempt, answer: Answer, *, elsewhere: bool) -> bool:
    """Record the answer and its charge; return whether the picture is still wanted.

    One transaction with the attempt's row locked, because a user may accept a second charge or give it up now.
    """
    now = Attempt.objects.select_for_update().get(id=attempt.id)
    state = now.state
    if state in {AttemptState.ANSWERED, AttemptState.STORED}:
        return True
    found = state == AttemptState.REJECTED and now.rejection == Rejection.LOST_IN_TRANSIT and not answer.lost
    late = state == AttemptState.UNKNOWN or found
    wanted = state == AttemptState.SENT or (late and _is_still_wanted(attempt))
    if wanted and answer.lost:
        _note_lost(attempt, answer)
    elif wanted:
        _note_answer(attempt, answer, AttemptState.ANSWERED, next_download_at=Now() if elsewhere else None)
        if elsewhere and state == AttemptState.UNKNOWN:
            # Its outcome is known now. It has no owner: the sweeper continues if this process dies.
            under_way = {"lease": uuid.uuid4(), "lease_until": Now(), "finished_at": None, "reason": ""}
            doubts = Generation.objects.filter(id=attempt.generation_id, state=State.UNKNOWN)
            doubts.update(state=State.RUNNING, **under_way)
    elif late:
        superseded = {"reason": str(SUPERSEDED), "rejection": Rejection.SUPERSEDED, "finished_at": Now()}
        _note_answer(attempt, answer, AttemptState.REJECTED, **superseded)
    elif state == AttemptState.NOT_BILLED:
        logger.error("attempt %s was taken for not billed, and now its answer came; it is booked", attempt.id)
    else:
        return False
    _record_charge(attempt, answer, "" if state == AttemptState.SENT else _("late response"))
    return wanted


def _note_lost(attempt: Attempt, answer: Answer) -> None:
    """Record an answer without a body, charged by its headers; its file is looked up at the provider."""
    sentence = _("Paid, lost in transit: %(cause)s. This site keeps asking the provider for the picture for a week.")
    sentence %= {"cause": answer.lost}
    lost = {"reason": sentence, "rejection": Rejection.LOST_IN_TRANSIT, "finished_at": Now()}
    _note_answer(attempt, answer, AttemptState.REJECTED, **lost)
    _finish(attempt.generation_id, State.FAILED, sentence)


def _is_still_wanted(attempt: Attempt) -> bool:
    """Return whether no other try was sent since the outcome was unknown; one that is only queued is withdrawn."""
    generation = Generation.objects.select_for_update().get(id=attempt.generation_id)
    if generation.state == State.QUEUED:
        move(generation.id, State.QUEUED, State.UNKNOWN, finished_at=Now())
        if generation.hold_count != attempt.hold_number:
            ledger.release(generation.id, generation.hold_count)
        return True
    others = generation.attempts.exclude(id=attempt.id).filter(state__in=[*OPEN, AttemptState.STORED])
    return not others.exists()


def _note_answer(attempt: Attempt, answer: Answer, target: AttemptState, **changes: Any) -> None:
    noted = {
        "answered_at": Now(), "http_status": 200, "request_id": answer.request_id or attempt.request_id,
        "generation_seconds": answer.generation_seconds, "reported_seed": answer.seed,
        "remaining_credits": answer.remaining_credits, "headers": dict(answer.headers) or None, "reason": "",
        # Lookups of the unknown outcome do not count as lookups of the price.
        "lookup_count": 0, "next_lookup_at": None, "rejection": "",
    }  # fmt: skip
    sources = [AttemptState.SENT, AttemptState.UNKNOWN, AttemptState.REJECTED]
    move_attempt(attempt.id, sources, target, **noted | changes)


def _record_charge(attempt: Attempt, answer: Answer, note: str) -> None:
    """Charge the answer's price, or correct an estimate. An exact price stays if the answer has none."""
    if answer.cost is None and Attempt.objects.filter(id=attempt.id, cost__isnull=False, cost_estimated=False).exists():
        return
    rate = rate_of(attempt.generation.model)
    cost, estimated = price_of(answer, rate, attempt.estimate)
    record_charge(attempt, cost, estimated=estimated, source=source_of(answer, rate), mend=True, note=note)


def free_connection() -> None:
    """Give the database connection back before a long wait; a worker holds many waits and few connections."""
    if not connection.in_atomic_block:
        connection.close()


def price_of(answer: Answer, per_second: Decimal | None, otherwise: Decimal) -> tuple[Decimal, bool]:
    """Return the cost in US dollars, and whether it is our estimate because the provider named no price."""
    if answer.cost is not None:
        return answer.cost, False
    if answer.generation_seconds is not None and per_second is not None:
        return answer.generation_seconds * per_second, True
    return otherwise, True


def source_of(answer: Answer, per_second: Decimal | None) -> CostSource:
    """Return who named the price that `price_of` returns."""
    if answer.cost is not None:
        return CostSource(answer.cost_from)
    return CostSource.SITE if answer.generation_seconds is None or per_second is None else CostSource.TIME


def rate_of(model: str) -> Decimal | None:
    """Return US dollars a second; None also when the model's schema was removed meanwhile."""
    described = schema.load().get(model)
    return described.price_per_second if described else None


def _keep(attempt: Attempt, data: bytes, inspected: Inspected, tiny: str, derived: list[Derived]) -> None:
    name = image_name(attempt.id, inspected.format)
    received = received_name(attempt.id, inspected.received) if inspected.changed else ""
    if received:
        files.save(received, data)
    files.save(name, inspected.picture)
    for thumbnail in derived:
        files.save(thumbnail_name(attempt.id, thumbnail.nominal), thumbnail.data, durable=False)
    with transaction.atomic():
        # Rejected: another process that stored at the same time downloaded a worse file.
        either = [AttemptState.ANSWERED, AttemptState.REJECTED]
        done = {"finished_at": Now(), "reason": "", "rejection": "", "next_download_at": None, "download_error": ""}
        if move_attempt(attempt.id, either, AttemptState.STORED, **done):
            image = Image.objects.create(
                generation_id=attempt.generation_id, attempt=attempt, path=name, sha256=inspected.sha256,
                format=inspected.format, width=inspected.width, height=inspected.height, size=inspected.size,
                placeholder=tiny, thumbnails_made=True, received_path=received, received_note=inspected.changed,
                received_sha256=hashlib.sha256(data).hexdigest() if received else "",
            )  # fmt: skip
            Thumbnail.objects.bulk_create(thumbnail_row(image, attempt.id, one) for one in derived)
            _finish(attempt.generation_id, State.DONE, "")
    spool.remove(attempt.id)
    pauses.note_picture(attempt.sent_at)
    if attempt.download_error:
        breaker.note_download(attempt)


def _reject(attempt: Attempt, error: GalleryError, rejection: Rejection) -> None:
    sentence = _("Paid, not delivered. %(cause)s The provider's response is kept.") % {"cause": error.message}
    changes = {"finished_at": Now(), "reason": sentence, "rejection": rejection, "next_download_at": None}
    with transaction.atomic():
        if move_attempt(attempt.id, [AttemptState.ANSWERED], AttemptState.REJECTED, **changes):
            _finish(attempt.generation_id, State.FAILED, sentence)
    spool.set_aside(attempt.id)
    breaker.note_undelivered(error.message)


def _finish(generation_id: uuid.UUID, state: State, reason: str) -> None:
    """End the generation, whatever process holds the lease, because the attempt's own UPDATE has decided."""
    rows = Generation.objects.filter(id=generation_id, state__in=[State.RUNNING, State.UNKNOWN, State.FAILED])
    # A row may have been purged while its outcome was unknown; the next round then deletes what came late.
    rows.update(state=state, reason=reason, finished_at=Now(), files_gone=False, **NO_LEASE)


def image_name(attempt_id: uuid.UUID, format: str) -> str:
    """Return the storage name of the served original."""
    return f"originals/{attempt_id.hex[-2:]}/{attempt_id}.{format}"


def received_name(attempt_id: uuid.UUID, kind: str) -> str:
    """Return the storage name of the provider's bytes if they differ from what is served."""
    return f"received/{attempt_id.hex[-2:]}/{attempt_id}.{kind}"


def thumbnail_name(attempt_id: uuid.UUID, nominal: int) -> str:
    """Return the storage name of a thumbnail."""
    return f"thumbnails/{attempt_id.hex[-2:]}/{attempt_id}-{nominal}.webp"


def preview_name(attempt_id: uuid.UUID) -> str:
    """Return the storage name of the JPEG that other sites show beside a share link."""
    return f"thumbnails/{attempt_id.hex[-2:]}/{attempt_id}-preview.jpg"


def thumbnail_row(image: Image, attempt_id: uuid.UUID, derived: Derived) -> Thumbnail:
    """Return the unsaved row of a thumbnail."""
    return Thumbnail(
        image=image, nominal=derived.nominal, width=derived.width, height=derived.height, size=len(derived.data),
        path=thumbnail_name(attempt_id, derived.nominal),
    )  # fmt: skip

"""Cards: everything that the template of a card prints, prepared once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from generations.forms.composer import ratio_class
from generations.imaging import WIDTHS
from generations.models import TRASH_DAYS, UNLISTED_EXPIRY, Attempt, Generation, Image, State, User, name_in
from generations.permissions import Verb, allows, may_edit
from generations.queries.generations.attempt_history import DurationRange, request_ids, usual_duration
from generations.queries.generations.attempts import unknown_attempts
from generations.queries.orders.queue import (
    PendingDownload,
    QueueSnapshot,
    pending_downloads,
    queue_snapshot,
    sent_times,
)
from generations.views.cards.unknown_outcome import NO_DETAILS, headline, sentence
from generations.views.site.banner import paused
from generations.views.site.formatting import clock, day_and_clock, dollars, ordinal, shortened

LATE_FACTOR = 2  # times the upper end of the usual range
LINKED = "link"
WENT_WRONG = {State.FAILED, State.UNKNOWN}


@dataclass(frozen=True)
class Card:
    id: str
    dom_id: str
    url: str
    action: str
    phase: str
    ratio_class: str
    width: int
    height: int
    alt: str
    prompt: str
    author: str
    mine: bool
    cost: str
    time: str
    favourite: bool
    seen_by: str
    may_edit: bool
    placeholder: str
    src: str
    srcset: str
    headline: str
    note: str
    started: str
    usual_high: int
    reason: str
    request_id: str
    retry_url: str
    unknown_outcome_url: str

    @property
    def waits(self) -> bool:
        return self.phase in {"waiting", "drawing", "downloading", "saving"}

    @property
    def selectable(self) -> bool:
        """Return whether bulk actions may change it; pictures in progress or about to disappear are left alone."""
        return self.phase in {"done", "failed", "unknown"}

    @property
    def version(self) -> str:
        """Return a text that changes whenever the card would look different."""
        return f"{self.id[-12:]}{self.phase}{self.headline}{self.note}"


@dataclass(frozen=True)
class Progress:
    """Facts that the cards of one page need beside their rows; each is queried only when some card shows it."""

    snapshot: QueueSnapshot
    sent: dict[uuid.UUID, datetime]
    deliveries: dict[uuid.UUID, PendingDownload]
    request_ids: dict[uuid.UUID, str]
    doubts: dict[uuid.UUID, list[Attempt]]
    paused: bool

    @classmethod
    def of(cls, rows: Sequence[Generation], snapshot: QueueSnapshot | None = None) -> "Progress":
        queued = any(row.state == State.QUEUED for row in rows)
        running = [row.id for row in rows if row.state == State.RUNNING]
        unknown = [row.id for row in rows if row.state == State.UNKNOWN and row.deleted_at is None]
        wrong = [row.id for row in rows if row.state in WENT_WRONG and row.deleted_at is None]
        return cls(
            snapshot or (queue_snapshot() if queued else QueueSnapshot({}, stalled=False)),
            sent_times(running) if running else {},
            pending_downloads(running) if running else {},
            request_ids(wrong) if wrong else {},
            unknown_attempts(unknown) if unknown else {},
            paused=queued and paused(),
        )


def build_cards(
    rows: Sequence[Generation], viewer: User, role: str | None, query: str = "", snapshot: QueueSnapshot | None = None
) -> list[Card]:
    """Return cards in the order of the rows; `query` is the filter that the links to their pages keep.

    `snapshot` is of the queue, if the caller has asked for it already.
    """
    progress = Progress.of(rows, snapshot)
    return [build_card(row, viewer, role, progress, query) for row in rows]


def build_card(row: Generation, viewer: User, role: str | None, progress: Progress, query: str = "") -> Card:
    image = image_of(row)
    mine = row.author_id == viewer.pk
    editable = may_edit(role, viewer, row)
    phase, headline, note = _status(row, progress, cancellable=editable)
    prompt = row.prompt if mine or not row.waits else ""
    # Literal addresses, because reversing three for each of 48 cards costs more than the queries of the page.
    action = f"/g/{row.id}/"
    width, height = (image.width, image.height) if image else (row.width, row.height)
    started = progress.sent.get(row.id) if phase == "drawing" else None
    return Card(
        id=str(row.id),
        dom_id=f"g-{row.id}",
        url=f"{action}{query}{'#unknown-outcome' if phase == 'unknown' else ''}",
        action=action,
        phase=phase,
        ratio_class=ratio_class(width, height),
        width=width,
        height=height,
        alt=f"AI-generated image: {shortened(row.prompt, 120)}" if prompt else "",
        prompt=shortened(prompt, 140),
        author=name_in(row, "author"),
        mine=mine,
        cost=dollars(row.cost, estimated=row.cost_estimated),
        time=clock(row.created_at),
        favourite=bool(getattr(row, "starred", False)),
        seen_by=_seen_by(row),
        may_edit=editable,
        placeholder=image.placeholder if image else "",
        src=f"{action}thumb/{WIDTHS[1]}.webp" if image else "",
        srcset=srcset(row, image) if image else "",
        headline=headline,
        note=note,
        started=started.isoformat() if started else "",
        usual_high=_usual(row).high if phase == "drawing" else 0,
        reason=row.reason if phase == "failed" else "",
        request_id=progress.request_ids.get(row.id, "") if phase in WENT_WRONG else "",
        retry_url=_retry_url(row) if phase == "failed" and allows(role, Verb.CREATE) else "",
        unknown_outcome_url=f"{action}{query}#unknown-outcome" if phase == "unknown" and editable else "",
    )


def _seen_by(row: Generation) -> str:
    """Return who sees the picture; the row has the attribute `linked` from `with_cards`."""
    return LINKED if getattr(row, "linked", False) else row.visibility


def _retry_url(row: Generation) -> str:
    return f"{reverse('gallery', args=[row.team.slug])}?use={row.id}"


def image_of(row: Generation) -> Image | None:
    return getattr(row, "image", None)


def srcset(row: Generation, image: Image) -> str:
    """Return the `srcset` of the thumbnails, which are never wider than the picture, whatever width their name has."""
    return ", ".join(f"/g/{row.id}/thumb/{width}.webp {min(width, image.width)}w" for width in WIDTHS)


def _status(row: Generation, progress: Progress, *, cancellable: bool) -> tuple[str, str, str]:
    """Return phase, headline and second line."""
    if row.state == State.CANCELLED:
        return "cancelled", "Cancelled", "not charged"
    if row.deleted_at is not None:
        return "trashed", "Moved to the trash", f"kept for {TRASH_DAYS} days"
    if row.state == State.QUEUED:
        return "waiting", *_waiting(row, progress, cancellable=cancellable)
    if row.state == State.RUNNING:
        return _running(row, progress)
    return _ended(row, progress)


def _ended(row: Generation, progress: Progress) -> tuple[str, str, str]:
    if row.state == State.FAILED:
        return "failed", "Failed", _charged(row)
    if row.state == State.UNKNOWN:
        doubts = progress.doubts.get(row.id)
        return "unknown", *((headline(doubts[0]), sentence(doubts[0])) if doubts else NO_DETAILS)
    return "done", "", ""


def _waiting(row: Generation, progress: Progress, *, cancellable: bool) -> tuple[str, str]:
    snapshot = progress.snapshot
    # Only for users who have the cancel button.
    free = "; free to cancel" if cancellable else ""
    if progress.paused:
        return "Waiting · generation is paused", f"It starts when sending goes on{free}."
    if row.reason:
        return "Waiting to try again", row.reason
    if snapshot.stalled:
        return "Waiting for a worker", f"It starts by itself as soon as one is back{free}."
    place = snapshot.places.get(row.id)
    return f"Waiting · {ordinal(place)} in the queue" if place else "Waiting", free.removeprefix("; ")


def _running(row: Generation, progress: Progress) -> tuple[str, str, str]:
    if delivery := progress.deliveries.get(row.id):
        return _delivered(delivery)
    sent = progress.sent.get(row.id)
    if sent is None:
        return "drawing", "Drawing", "being sent"
    expected = _usual(row)
    if (timezone.now() - sent).total_seconds() > LATE_FACTOR * expected.high:
        return "drawing", "Drawing", f"slower than usual ({expected}); you will not be charged twice"
    return "drawing", "Drawing", f"usually {expected}"


def _delivered(delivery: PendingDownload) -> tuple[str, str, str]:
    if delivery.next_download_at is None:
        return "saving", "Saving", "the picture has arrived"
    if not delivery.download_error:
        return "downloading", "Downloading", "generated and charged"
    why = delivery.download_error[:1].lower() + delivery.download_error[1:]
    if delivery.unlisted_since is not None:
        then = f"It is kept until {day_and_clock(delivery.unlisted_since + UNLISTED_EXPIRY)}."
    else:
        then = f"Next try {clock(delivery.next_download_at)}."
    return "downloading", "Not delivered yet", f"Generated and charged; {why} {then}"


def _usual(row: Generation) -> DurationRange:
    return usual_duration(row.model, row.size, row.speed)


def _charged(row: Generation) -> str:
    if row.cost is None:
        return "not charged"
    return f"{'booked' if row.cost_estimated else 'charged'} {dollars(row.cost, estimated=row.cost_estimated)}"

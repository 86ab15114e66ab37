"""Cards: everything that the template of a card prints, prepared once."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from generations.forms.composer import ratio_class
from generations.imaging import WIDTHS
from generations.models import (
    TRASH_DAYS,
    UNLISTED_EXPIRY,
    Attempt,
    Generation,
    Image,
    State,
    User,
    Visibility,
    name_in,
)
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
from generations.views.cards.failures import edit_label, failure
from generations.views.cards.unknown_outcome import headline, no_details, sentence
from generations.views.cards.words import page_words
from generations.views.site.banner import paused
from generations.views.site.formatting import clock, day_and_clock, dollars, number, shortened

LATE_FACTOR = 2  # times the upper end of the usual range
LINKED = "link"
WENT_WRONG = {State.FAILED, State.UNKNOWN}


@dataclass(frozen=True)
class Card:
    id: str
    url: str
    phase: str
    ratio_class: str
    width: int
    height: int
    prompt: str
    whole_prompt: str
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
    edit_label: str
    request_id: str
    retry_url: str
    unknown_outcome_url: str
    remix_url: str
    words: Mapping[str, str]
    # The ones before it are new since the user's last visit.
    ends_new: bool = False
    # Of a batch that is shown once.
    stack: str = ""
    stack_label: str = ""
    stack_url: str = ""

    @property
    def dom_id(self) -> str:
        return f"g-{self.id}"

    @property
    def action(self) -> str:
        """Return the beginning of its addresses, literally, because reversing one costs more than a query."""
        return f"/g/{self.id}/"

    @property
    def alt(self) -> str:
        return self.words["alt"] % {"prompt": shortened(self.whole_prompt, 120)} if self.whole_prompt else ""

    @property
    def full_prompt(self) -> str:
        """Return the prompt where the card shows the beginning of it only."""
        return self.whole_prompt if self.whole_prompt != self.prompt else ""

    @property
    def waits(self) -> bool:
        return self.phase in {"waiting", "drawing", "downloading", "saving"}

    @property
    def selectable(self) -> bool:
        """Return whether bulk actions may change it; pictures in progress or about to disappear are left alone."""
        return self.phase in {"done", "failed", "unknown"}

    @property
    def select_label(self) -> str:
        return self.words["select_prompt"] % {"prompt": self.prompt} if self.prompt else self.words["select"]

    @property
    def version(self) -> str:
        """Return a text that changes whenever the card would look different."""
        return f"{self.id[-12:]}{self.phase}{self.headline}{self.note}"


@dataclass(frozen=True)
class Progress:
    """Facts that the cards of one page need beside their rows; each is queried only when some card shows it.

    `words` are the labels that most cards have: translated once a page, which is cheaper than once a card.
    """

    snapshot: QueueSnapshot
    sent: dict[uuid.UUID, datetime]
    deliveries: dict[uuid.UUID, PendingDownload]
    request_ids: dict[uuid.UUID, str]
    doubts: dict[uuid.UUID, list[Attempt]]
    paused: bool
    words: Mapping[str, str]

    def started(self, id_: uuid.UUID) -> str:
        sent = self.sent.get(id_)
        return sent.isoformat() if sent else ""

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
            words=page_words(rows),
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
    image, mine, creates = image_of(row), row.author_id == viewer.pk, allows(role, Verb.CREATE)
    editable = may_edit(role, viewer, row)
    phase, headline, note = _status(row, progress, cancellable=editable)
    prompt = row.prompt if mine or not row.waits else ""
    # Literal addresses, because reversing three for each of 48 cards costs more than the queries of the page.
    action = f"/g/{row.id}/"
    width, height = (image.width, image.height) if image else (row.width, row.height)
    return Card(
        id=str(row.id),
        url=f"{action}{query}{'#unknown-outcome' if phase == 'unknown' else ''}",
        phase=phase,
        # What failed will never be a picture: a square is enough for its words.
        ratio_class=ratio_class(*(1, 1) if phase == "failed" else (width, height)),
        width=width,
        height=height,
        prompt=shortened(prompt, 140),
        whole_prompt=prompt,
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
        started=progress.started(row.id) if phase == "drawing" else "",
        usual_high=_usual(row).high if phase == "drawing" else 0,
        reason=row.reason if phase == "failed" else "",
        edit_label=edit_label(row) if phase == "failed" else "",
        request_id=progress.request_ids.get(row.id, "") if phase in WENT_WRONG else "",
        unknown_outcome_url=f"{action}{query}#unknown-outcome" if phase == "unknown" and editable else "",
        retry_url=f"{progress.words['use_url']}{row.id}" if phase == "failed" and creates else "",
        remix_url=f"{progress.words['remix_url']}{row.id}" if phase == "done" and creates else "",
        words=progress.words,
    )


def _seen_by(row: Generation) -> str:
    """Return who sees the picture; the row has the attribute `linked` from `with_cards`."""
    return LINKED if getattr(row, "linked", False) else Visibility.PRIVATE if row.hidden_at else row.visibility


def image_of(row: Generation) -> Image | None:
    return getattr(row, "image", None)


def srcset(row: Generation, image: Image) -> str:
    """Return the `srcset` of the thumbnails, which are never wider than the picture, whatever width their name has."""
    return ", ".join(f"/g/{row.id}/thumb/{width}.webp {min(width, image.width)}w" for width in WIDTHS)


def _status(row: Generation, progress: Progress, *, cancellable: bool) -> tuple[str, str, str]:
    """Return phase, headline and second line."""
    if row.state == State.CANCELLED:
        return "cancelled", _("Cancelled"), _("Not charged")
    if row.deleted_at is not None:
        return "trashed", _("Moved to trash"), _("Kept for %(days)s days") % {"days": TRASH_DAYS}
    if row.state == State.QUEUED:
        return "waiting", *_waiting(row, progress, cancellable=cancellable)
    if row.state == State.RUNNING:
        return _running(row, progress)
    return _ended(row, progress)


def _ended(row: Generation, progress: Progress) -> tuple[str, str, str]:
    if row.state == State.FAILED:
        return "failed", *failure(row)
    if row.state == State.UNKNOWN:
        doubts = progress.doubts.get(row.id)
        return "unknown", *((headline(doubts[0]), sentence(doubts[0])) if doubts else no_details())
    return "done", "", ""


def _waiting(row: Generation, progress: Progress, *, cancellable: bool) -> tuple[str, str]:
    snapshot = progress.snapshot
    # Only for users who have the cancel button.
    free = _("You can cancel at no charge.") if cancellable else ""
    if progress.paused:
        return _("Queued · generation paused"), _sentences(_("Starts when generation resumes."), free)
    if row.reason:
        return _("Waiting to try again"), row.reason
    if snapshot.stalled:
        starts = _("Starts automatically once a worker is back.")
        return _("Queued · no worker available"), _sentences(starts, free)
    place = snapshot.places.get(row.id)
    return _("Queued · position %(place)s") % {"place": number(place)} if place else _("Queued"), free


def _running(row: Generation, progress: Progress) -> tuple[str, str, str]:
    if delivery := progress.deliveries.get(row.id):
        return _delivered(delivery)
    sent = progress.sent.get(row.id)
    if sent is None:
        return "drawing", _("Generating"), _("Sending to the provider")
    expected = _usual(row)
    if (timezone.now() - sent).total_seconds() > LATE_FACTOR * expected.high:
        late = _("Slower than usual (%(time)s). You won't be charged twice.")
        return "drawing", _("Generating"), late % {"time": expected}
    return "drawing", _("Generating"), _("Usually %(time)s") % {"time": expected}


def _delivered(delivery: PendingDownload) -> tuple[str, str, str]:
    if delivery.next_download_at is None:
        return "saving", _("Saving"), _("The picture has arrived")
    if not delivery.download_error:
        return "downloading", _("Downloading"), _("Generated and charged")
    if delivery.unlisted_since is not None:
        until = day_and_clock(delivery.unlisted_since + UNLISTED_EXPIRY)
        then = _("It's kept until %(time)s.") % {"time": until}
    else:
        then = _("Next try at %(time)s.") % {"time": clock(delivery.next_download_at)}
    note = _sentences(_("Generated and charged."), delivery.download_error, then)
    return "downloading", _("Not delivered yet"), note


def _sentences(*texts: str) -> str:
    return " ".join(filter(None, texts))


def _usual(row: Generation) -> DurationRange:
    return usual_duration(row.model, row.size, row.speed)

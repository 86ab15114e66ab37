"""Facts about one picture as pairs of label and value; facts without a value are left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import schema
from generations.models import HISTORY_RETENTION, Attempt, AttemptState, Generation, Rejection
from generations.views.cards.cards import image_of
from generations.views.cards.unknown_outcome import is_paid
from generations.views.site.formatting import dollars, exact_moment, file_size, number

ESTIMATED = gettext_lazy("The provider didn't report a price. We'll update this when it does.")
WRITTEN_OFF = gettext_lazy("Estimated cost. Updated if the provider reports one.")
WRITTEN_OFF_EARLIER = gettext_lazy("Estimated cost. We stop asking the provider after %(days)s days.")
PAID = gettext_lazy("paid, not delivered")
NOT_YET = gettext_lazy("charged, not delivered yet")
ATTEMPTS = {
    AttemptState.RESERVED: gettext_lazy("not sent yet"),
    AttemptState.RELEASED: gettext_lazy("never sent"),
    AttemptState.SENT: gettext_lazy("generating"),
    AttemptState.ANSWERED: gettext_lazy("picture received"),
    AttemptState.STORED: gettext_lazy("picture stored"),
    AttemptState.REJECTED: gettext_lazy("no usable picture"),
    AttemptState.NOT_BILLED: gettext_lazy("not charged"),
    AttemptState.UNKNOWN: gettext_lazy("outcome unknown"),
}


@dataclass(frozen=True)
class Fact:
    """A label and its value, of which the button copies `copy`."""

    label: str
    value: str
    strong: bool = False
    copy: str = ""
    link: str = ""
    link_text: str = ""
    note: str = ""


@dataclass(frozen=True)
class AttemptRow:
    """A row of the table of attempts; unknown values are empty."""

    n: int
    url: str
    sent: str
    state: str
    cost: str


def metadata(
    row: Generation, model: schema.ParameterSchema, attempts: Sequence[Attempt], cost_url: str = ""
) -> list[Fact]:
    image = image_of(row)
    seed = "" if row.seed is None else str(row.seed)
    facts = [
        Fact(
            _("Cost"),
            _cost(row),
            strong=True,
            note=_doubt_of_cost(row, attempts),
            link=cost_url,
            link_text=_("Cost details"),
        ),
        *(_option_fact(model, role, row) for role in ("size", "speed")),
        Fact(_("Cost centre"), row.cost_centre),
        Fact(_("Seed"), seed, copy=seed),
        Fact(
            _("File"),
            f"{image.format.upper()} · {image.width} × {image.height} · {file_size(image.size)}" if image else "",
        ),
        Fact(_("Received as"), image.received_note if image else ""),
        *(_attempt_facts(row, attempts[0]) if attempts else []),
        Fact("SHA-256", f"{image.sha256[:12]}…" if image else "", copy=image.sha256 if image else ""),
    ]
    return [fact for fact in facts if fact.value]


def attempt_url(row: Generation, attempt: Attempt) -> str:
    return reverse("attempt", args=[row.team.slug, row.id, attempt.number])


def attempt_row(row: Generation, attempt: Attempt) -> AttemptRow:
    return AttemptRow(
        n=attempt.number,
        url=attempt_url(row, attempt),
        sent=exact_moment(attempt.sent_at) if attempt.sent_at else "",
        state=outcome(attempt),
        cost=dollars(attempt.cost, estimated=attempt.cost_estimated),
    )


def outcome(attempt: Attempt) -> str:
    if attempt.rejection:
        return str(Rejection(attempt.rejection).label)
    if attempt.state == AttemptState.ANSWERED and attempt.next_download_at is not None:
        return str(NOT_YET)
    is_doubt = attempt.state == AttemptState.UNKNOWN
    return str(PAID if is_doubt and is_paid(attempt) else ATTEMPTS[AttemptState(attempt.state)])


def _attempt_facts(row: Generation, attempt: Attempt) -> list[Fact]:
    short = (
        attempt.request_id if len(attempt.request_id) <= 16 else f"{attempt.request_id[:8]}…{attempt.request_id[-4:]}"
    )
    return [
        Fact(_("Duration"), _took(row, attempt)),
        Fact(_("Request ID"), short, copy=attempt.request_id),
    ]


def _took(row: Generation, attempt: Attempt) -> str:
    if attempt.answered_at is None or attempt.sent_at is None:
        return ""
    drawing = attempt.generation_seconds or (attempt.answered_at - attempt.sent_at).total_seconds()
    waiting = max(0.0, (attempt.sent_at - row.queued_at).total_seconds())
    return _("%(generating)s s generating, %(queued)s s queued") % {
        "generating": number(drawing, places=1),
        "queued": number(waiting, places=1),
    }


def _cost(row: Generation) -> str:
    if row.cost is None:
        return _("unknown") if row.state == "unknown" else ("" if row.waits else _("not charged"))
    said = _("%(amount)s estimated") if row.cost_estimated else _("%(amount)s charged")
    return said % {"amount": dollars(row.cost, estimated=row.cost_estimated)}


def _doubt_of_cost(row: Generation, attempts: Sequence[Attempt]) -> str:
    if not row.cost_estimated:
        return ""
    given_up = [one for one in attempts if one.state == AttemptState.UNKNOWN and one.cost_estimated]
    if not given_up:
        return str(ESTIMATED)
    if all(one.is_beyond_history for one in given_up):
        return WRITTEN_OFF_EARLIER % {"days": HISTORY_RETENTION.days}
    return str(WRITTEN_OFF)


def _option_fact(model: schema.ParameterSchema, role: str, row: Generation) -> Fact:
    parameter = model.by_role(role)
    option = parameter.option(row.parameters.get(parameter.name)) if parameter else None
    if parameter is None or option is None:
        return Fact(role, "")
    pixels = f" · {option.width} × {option.height}" if option.width else ""
    return Fact(_(parameter.label), f"{_(option.label)}{pixels}")

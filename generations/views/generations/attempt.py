"""One attempt: what was sent, what was answered, its cost and the source of the cost."""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from generations import schema
from generations.access import attempt_or_404, current_user, team_or_404
from generations.conf import conf
from generations.models import (
    MAX_DOWNLOADS,
    NEVER_SENT,
    Attempt,
    AttemptState,
    CostSource,
    Generation,
    name_in,
    uuid7_time,
)
from generations.permissions import Verb, allows, role_of
from generations.providers.base import image_request
from generations.queries.generations.attempts import attempts_of, entries_of
from generations.views.generations.metadata import outcome
from generations.views.site.formatting import dollars, exact_moment, number
from generations.views.site.rendering import render_page
from generations.views.site.requests import set_team

KINDS = {
    "hold": gettext_lazy("reserved"),
    "release": gettext_lazy("released"),
    "charge": gettext_lazy("charged"),
    "adjust": gettext_lazy("adjusted"),
    "top_up": gettext_lazy("topped up"),
}
REDACTED = "[redacted]"


@dataclass(frozen=True)
class SentRequest:
    """The request as it was sent, without the key; it has no body when it cannot be built again."""

    never: bool
    model: str
    address: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: str = ""


@dataclass(frozen=True)
class EntryRow:
    at: str
    kind: str
    amount: str
    by: str
    note: str


@dataclass(frozen=True)
class AttemptLink:
    n: int
    url: str
    here: bool


Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class AttemptPage:
    n: int
    purged: str
    url: str
    author: str
    outcome: str
    sent: SentRequest | None
    hidden: bool
    times: Pairs
    answer: Pairs
    headers: Pairs
    may_read_headers: bool
    cost: Pairs
    entries: list[EntryRow]
    downloads: Pairs
    asked: Pairs
    others: list[AttemptLink]


@require_safe
def attempt(request: HttpRequest, team: str, generation: uuid.UUID, n: int) -> HttpResponse:
    user = current_user(request)
    one = attempt_or_404(user, team, generation, n)
    row = one.generation
    of_team = team_or_404(user, team)
    set_team(request, of_team)
    role = role_of(user, of_team)
    # Prompts of other people stay hidden while the picture waits.
    hidden = row.waits and row.author_id != user.pk
    page = AttemptPage(
        n=one.number,
        purged=exact_moment(row.purged_at) if row.purged_at else "",
        url="" if row.purged_at else reverse("detail", args=[row.id]),
        author=name_in(row, "author"),
        outcome=outcome(one),
        sent=None if hidden else _sent(one, row),
        hidden=hidden,
        times=_told(_times(one)),
        answer=_told(_answer(one)),
        headers=list((one.headers or {}).items()) if allows(role, Verb.REVIEW) else [],
        may_read_headers=allows(role, Verb.REVIEW),
        cost=_told(_cost(one)),
        entries=list(_entries(one)),
        downloads=_told(_downloads(one)),
        asked=_told(_asked(one)),
        others=_others(one, of_team.slug),
    )
    return render_page(request, "generations/attempt.html", page)


def _sent(one: Attempt, row: Generation) -> SentRequest:
    """Return the request, rebuilt from the stored parameters by the code that sent it; it contains no key."""
    model = schema.load().get(row.model)
    never = one.state in NEVER_SENT
    if model is None or row.purged_at:
        return SentRequest(never, row.model)
    request = image_request(model, row.parameters, one.seed)
    return SentRequest(
        never,
        row.model,
        address=f"{conf().base_url}/{conf().api_version}/{request.slug}",
        headers=[("x-api-key", REDACTED), ("content-type", "application/json")],
        body=json.dumps(request.body, indent=2, ensure_ascii=False),
    )


def _times(one: Attempt) -> Iterator[tuple[str, str]]:
    yield _("Reserved"), exact_moment(uuid7_time(one.id))
    known = ((_("Sent"), one.sent_at), (_("Response received"), one.answered_at), (_("Finished"), one.finished_at))
    for label, moment in known:
        yield label, exact_moment(moment) if moment else ""
    if one.sent_at and one.answered_at:
        seconds = number((one.answered_at - one.sent_at).total_seconds(), places=1)
        yield _("Duration"), _("%(seconds)s s from request to response") % {"seconds": seconds}


def _answer(one: Attempt) -> Iterator[tuple[str, str]]:
    yield _("Outcome"), outcome(one)
    yield _("Status"), _("HTTP %(status)s") % {"status": one.http_status} if one.http_status else ""
    yield _("Request ID"), one.request_id
    yield _("Seed"), "" if one.reported_seed is None else str(one.reported_seed)
    seconds = one.generation_seconds
    yield _("Generation time"), "" if seconds is None else _("%(seconds)s s") % {"seconds": seconds}
    yield _("Reason"), one.reason


def _cost(one: Attempt) -> Iterator[tuple[str, str]]:
    in_doubt = one.state == AttemptState.UNKNOWN and one.cost is None
    doubtful = _("unknown, about %(amount)s") % {"amount": dollars(one.estimate)}
    otherwise = doubtful if in_doubt else _("nothing")
    yield _("Cost"), otherwise if one.cost is None else dollars(one.cost, estimated=one.cost_estimated)
    if one.cost is not None:
        not_recorded = _("not recorded at the time")
        yield _("Source"), str(CostSource(one.cost_source).label) if one.cost_source else not_recorded
    yield _("Reserved"), dollars(one.estimate, estimated=True)


def _entries(one: Attempt) -> Iterator[EntryRow]:
    for entry in entries_of(one):
        yield EntryRow(
            at=exact_moment(entry.created_at),
            kind=str(KINDS[entry.kind]),
            amount=dollars(entry.amount, estimated=entry.estimated),
            by=name_in(entry, "actor", _("the site")),
            note=entry.note,
        )


def _downloads(one: Attempt) -> Iterator[tuple[str, str]]:
    """Yield the download attempts of the file that the answer named."""
    if one.download_count or one.download_error:
        waits = one.next_download_at is not None
        tries = _("%(count)s of %(maximum)s") % {"count": one.download_count, "maximum": MAX_DOWNLOADS}
        yield _("Tries"), tries if waits else str(one.download_count)
        yield _("Last error"), one.download_error
        yield _("Next try"), exact_moment(one.next_download_at) if one.next_download_at and one.download_count else ""


def _asked(one: Attempt) -> Iterator[tuple[str, str]]:
    """Yield the look-ups of an outcome that is or was unknown."""
    if one.lookup_count:
        times = ngettext("%(count)s time", "%(count)s times", one.lookup_count)
        yield _("Checked"), times % {"count": number(one.lookup_count)}
        yield _("Last check"), exact_moment(one.last_lookup_at) if one.last_lookup_at else ""
        waits = one.next_lookup_at and one.next_lookup_at > timezone.now()
        yield _("Next check"), exact_moment(one.next_lookup_at) if one.next_lookup_at and waits else ""
        yield _("Problem"), one.lookup_error


def _others(one: Attempt, slug: str) -> list[AttemptLink]:
    found = [
        AttemptLink(other.number, reverse("attempt", args=[slug, one.generation_id, other.number]), other.id == one.id)
        for other in attempts_of(one.generation)
    ]
    return found if len(found) > 1 else []


def _told(pairs: Iterator[tuple[str, str]]) -> Pairs:
    return [(label, value) for label, value in pairs if value]

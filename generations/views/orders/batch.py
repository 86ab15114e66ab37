"""The page of a batch: each picture with its state, the cost so far, and a button to stop the rest."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_safe

from generations import schema
from generations.access import NOT_ALLOWED
from generations.forms.composer import ratio_class
from generations.models import Generation, State, Team, User, name_in
from generations.permissions import may_edit, role_of
from generations.queries.orders.batches import batch_of, held_for
from generations.queries.provider import pauses
from generations.services.orders import submit
from generations.views.cards.cards import Card, build_cards
from generations.views.cards.polling import version
from generations.views.site.formatting import day_and_clock, dollars, exact_dollars, pictures, shortened, total_dollars
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, is_htmx, require_post

STATES = {
    "done": ngettext_lazy("%(count)s done", "%(count)s done", "count"),
    "waiting": ngettext_lazy("%(count)s queued", "%(count)s queued", "count"),
    "drawing": ngettext_lazy("%(count)s generating", "%(count)s generating", "count"),
    "downloading": ngettext_lazy("%(count)s not delivered yet", "%(count)s not delivered yet", "count"),
    "saving": ngettext_lazy("%(count)s saving", "%(count)s saving", "count"),
    "failed": ngettext_lazy("%(count)s failed", "%(count)s failed", "count"),
    "unknown": ngettext_lazy("%(count)s with unknown outcome", "%(count)s with unknown outcome", "count"),
    "cancelled": ngettext_lazy("%(count)s cancelled", "%(count)s cancelled", "count"),
    "trashed": ngettext_lazy("%(count)s in the trash", "%(count)s in the trash", "count"),
}


@dataclass(frozen=True)
class BatchCell:
    """One picture of the batch; all have the ratio that was asked for, also what failed, so that rows stay even."""

    card: Card
    ratio_class: str
    what: str
    seed_text: str
    price: str
    label: str


@dataclass(frozen=True)
class LabelledAmount:
    label: str
    value: str
    exact: str


@dataclass(frozen=True)
class BatchPage:
    batch: uuid.UUID
    title: str
    who: str
    when: str
    cells: list[BatchCell]
    states: str
    numbers: list[LabelledAmount]
    stop: str
    poll_url: str


@require_safe
def batch(request: HttpRequest, team: str, batch: uuid.UUID) -> HttpResponse:
    user, found, rows = _entered(request, team, batch)
    role = role_of(user, found)
    cards = build_cards(rows, user, role)
    seen = version(cards, "")
    if is_htmx(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    stoppable = [row for row in rows if row.state == State.QUEUED and may_edit(role, user, row)]
    first, held = rows[0], held_for(rows)
    several = len({row.prompt for row in rows}) > 1
    page = BatchPage(
        batch=batch,
        title="" if several else _prompt(first, user, 160),
        who=name_in(first, "author"),
        when=day_and_clock(first.created_at),
        cells=[
            _cell(card, row, held.get(row.id), _prompt(row, user, 60) if several else "")
            for card, row in zip(cards, rows, strict=True)
        ],
        states=_states(cards),
        numbers=_numbers(rows, sum(held.values(), Decimal(0))),
        stop=pictures(len(stoppable)) if stoppable else "",
        poll_url=f"{request.path}?seen={seen}" if any(card.waits for card in cards) else "",
    )
    return render_page(request, "orders/batch.html", page)


@require_post
def stop(request: HttpRequest, team: str, batch: uuid.UUID) -> HttpResponse:
    """Cancel what is still queued; what was sent cannot be taken back, and finished pictures stay."""
    user, found, rows = _entered(request, team, batch)
    role = role_of(user, found)
    mine = [row for row in rows if may_edit(role, user, row)]
    if not mine:
        raise PermissionDenied(NOT_ALLOWED)
    ended = sum(submit.cancel(actor=user, generation=row) for row in mine if row.state == State.QUEUED)
    # The banner of a pause shows the number of waiting pictures; the next page stops polling when it is 0.
    pauses.clear_cache()
    text = (
        _("Cancelled %(pictures)s at no charge. Pictures already generating will finish.")
        if ended
        else _("Nothing was left to cancel. Pictures already generating will finish.")
    )
    messages.success(request, text % {"pictures": pictures(ended)})
    return redirect("batch", found.slug, batch)


def _entered(request: HttpRequest, team: str, batch: uuid.UUID) -> tuple[User, Team, list[Generation]]:
    user, found = enter_team(request, team)
    rows = batch_of(found, user, batch)
    if not rows:
        raise Http404
    return user, found, rows


def _prompt(row: Generation, user: User, most: int) -> str:
    """Return the beginning of the prompt; others than its author see none while it waits."""
    return "" if row.waits and row.author_id != user.pk else shortened(row.prompt, most)


def _cell(card: Card, row: Generation, held: Decimal | None, prompt: str) -> BatchCell:
    size, speed = _option(row, "size", row.size), _option(row, "speed", row.speed)
    labels = (prompt, _(size.label) if size else row.size, _(speed.label) if speed else row.speed)
    what = [word for word in labels if word]
    seed = "" if row.seed is None else _("seed %(seed)s") % {"seed": row.seed}
    amount = dollars(held, estimated=True)
    return BatchCell(
        card=card,
        ratio_class=card.ratio_class if card.src else ratio_class(row.width, row.height),
        what=" · ".join(what),
        seed_text=seed,
        price=card.cost or (_("%(amount)s reserved") % {"amount": amount} if held else ""),
        label=", ".join([*what, *([seed] if seed else [])]),
    )


def _option(row: Generation, role: str, name: str) -> schema.Option | None:
    parameter = schema.is_known(row.model).by_role(role)
    return parameter.option(name) if parameter and name else None


def _states(cards: Sequence[Card]) -> str:
    counts = {phase: sum(card.phase == phase for card in cards) for phase in STATES}
    return ", ".join(STATES[phase] % {"count": count} for phase, count in counts.items() if count)


def _numbers(rows: Sequence[Generation], held: Decimal) -> list[LabelledAmount]:
    """Return the cost so far, the amount still held and the sum of both."""
    cost = sum((row.cost for row in rows if row.cost is not None), Decimal(0))
    estimated = any(row.cost_estimated for row in rows)
    said = [_amount(_("Cost so far"), cost, estimated=estimated)]
    if held:
        said.append(_amount(_("Reserved for the rest"), held))
        said.append(_amount(_("Total"), cost + held))
    return said


def _amount(label: str, amount: Decimal, *, estimated: bool = True) -> LabelledAmount:
    return LabelledAmount(label, total_dollars(amount, estimated=estimated), exact_dollars(amount))

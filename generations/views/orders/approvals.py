"""Approval requests: their pictures, their authors, the estimated price and the limits that they would exceed."""

import uuid
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from generations import ledger, schema
from generations.access import approval_request_or_404, require
from generations.errors import GalleryError, NotAllowed
from generations.ledger import BudgetUsage
from generations.models import ApprovalRequest, RequestState, Team, User, format_estimate, name_in
from generations.permissions import Verb, allows, role_of
from generations.queries.orders.approvals import may_decide, request_lists
from generations.queries.spending.limits import limits_for_requests, what_is_left
from generations.services.orders import approvals
from generations.services.orders.approvals import MAX_NOTE_LENGTH
from generations.services.orders.submit import build_generations
from generations.views.site.formatting import day_and_clock, dollars, pictures
from generations.views.site.pickers import WHO_SEES
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, keep_text, refused_text, require_post

MAX_LISTED, MAX_DECIDED = 50, 30
MAX_CELLS_SHOWN = 64


@dataclass(frozen=True)
class RequestText:
    """What was requested, by whom and when; `kinds` is what determines the price."""

    id: uuid.UUID
    prompt: str
    who: str
    mine: bool
    when: str
    many: str
    cost: str
    collection: str
    seen_by: str
    cells: list[dict[str, str]]
    kinds: str


@dataclass(frozen=True)
class PendingRequest:
    """A request to decide about; `now` is its present price if that has changed, `note` a note that was refused."""

    request: RequestText
    decides: bool
    decide_url: str
    withdraw_url: str
    note: str
    now: str
    in_the_way: list[str]


@dataclass(frozen=True)
class DecidedRequest:
    request: RequestText
    state: str
    outcome: str
    by: str
    decided: str
    note: str
    batch_url: str


@dataclass(frozen=True)
class ApprovalsPage:
    asked: list[PendingRequest]
    decided: list[DecidedRequest]
    reviews: bool
    above: str
    longest: int = MAX_NOTE_LENGTH


@require_safe
def approval_list(request: HttpRequest, team: str) -> HttpResponse:
    """List all requests of the team for approvers, and the own ones for everybody else."""
    user, found = enter_team(request, team)
    role = role_of(user, found)
    asked, decided = request_lists(found, user, role, most=(MAX_LISTED, MAX_DECIDED))
    reviews = allows(role, Verb.REVIEW)
    usages = limits_for_requests(found, [one.requested_by_id for one in asked]) if reviews and asked else []
    page = ApprovalsPage(
        asked=[_asked(request, one, user, usages) for one in asked],
        decided=[_decided(one, user) for one in decided],
        reviews=reviews,
        above=dollars(found.approval_above, places=2) if found.approval_above is not None else "",
    )
    return render_page(request, "orders/approvals.html", page)


@require_post
def decide(request: HttpRequest, team: str, asked: uuid.UUID) -> HttpResponse:
    """Approve or reject a request.

    `verdict` is `approve` or `refuse`; the asker can read `note`.
    """
    user, found = enter_team(request, team)
    row = approval_request_or_404(user, found, asked)
    require(user, found, Verb.REVIEW)
    note = request.POST.get("note", "").replace("\0", "").strip()
    try:
        if len(note) > MAX_NOTE_LENGTH:
            lengths = {"length": len(note), "most": MAX_NOTE_LENGTH}
            raise GalleryError(_("The note has %(length)s characters; the maximum is %(most)s. Shorten it.") % lengths)
        if request.POST.get("verdict") == "approve":
            made = approvals.approve(actor=user, request=row, note=note)
            approved = {"pictures": pictures(len(made)), "name": row.requested_by.display_name}
            messages.success(request, _("Approved. %(pictures)s queued for %(name)s.") % approved)
        else:
            told = approvals.reject(actor=user, request=row, note=note)
            text = _("Declined. We've notified %(name)s.") if told else _("Declined.")
            messages.success(request, text % {"name": row.requested_by.display_name})
    except GalleryError as error:
        return _not_done(request, found, error, note)
    return redirect("approvals", found.slug)


@require_post
def cancel_request(request: HttpRequest, team: str, asked: uuid.UUID) -> HttpResponse:
    user, found = enter_team(request, team)
    try:
        approvals.cancel_request(actor=user, request=approval_request_or_404(user, found, asked))
        messages.success(request, _("Request withdrawn. Nothing was charged."))
    except GalleryError as error:
        return _not_done(request, found, error, "")
    return redirect("approvals", found.slug)


def _not_done(request: HttpRequest, team: Team, error: GalleryError, note: str) -> HttpResponse:
    if isinstance(error, NotAllowed):
        raise error
    keep_text(request, note)
    messages.error(request, error.message)
    return redirect("approvals", team.slug)


def _asked(request: HttpRequest, one: ApprovalRequest, viewer: User, usages: list[BudgetUsage]) -> PendingRequest:
    decide_url = reverse("decide_request", args=[one.team.slug, one.pk])
    now, in_the_way = _price_now(one), approvals.exceeded_limits(one, usages)
    return PendingRequest(
        request=_request(one, viewer),
        decides=may_decide(viewer, one),
        decide_url=decide_url,
        withdraw_url=reverse("cancel_request", args=[one.team.slug, one.pk]),
        note=refused_text(request, decide_url),
        now=format_estimate(now) if now is not None and now != one.estimate else "",
        # Without duplicates: limits whose amounts are hidden read the same.
        in_the_way=list(dict.fromkeys(_usage(usage, viewer) for usage in in_the_way)),
    )


def _price_now(one: ApprovalRequest) -> Decimal | None:
    """Return the price of the request today; None when the model is no longer available."""
    if one.model not in schema.load():
        return None
    rows = build_generations(actor=one.requested_by, team=one.team, order=approvals.generation_request(one))
    return sum((row.estimate for row in rows), Decimal(0))


def _request(one: ApprovalRequest, viewer: User) -> RequestText:
    model = schema.is_known(one.model)
    return RequestText(
        id=one.pk,
        prompt=_prompt(model, one.cells),
        who=one.requested_by.display_name,
        mine=one.requested_by_id == viewer.pk,
        when=day_and_clock(one.requested_at),
        many=pictures(len(one.cells)),
        cost=format_estimate(one.estimate),
        collection=one.collection.name if one.collection else "",
        seen_by=str(WHO_SEES[one.visibility]),
        cells=[_cell(model, cell) for cell in one.cells[:MAX_CELLS_SHOWN]],
        kinds=_kinds(model, one.cells),
    )


def _decided(one: ApprovalRequest, viewer: User) -> DecidedRequest:
    ordered = one.state == RequestState.APPROVED
    return DecidedRequest(
        request=_request(one, viewer),
        state=one.state,
        outcome=one.get_state_display(),
        by=name_in(one, "decided_by"),
        decided=day_and_clock(one.decided_at) if one.decided_at else "",
        note=one.note,
        batch_url=reverse("batch", args=[one.team.slug, one.batch]) if ordered else "",
    )


# Shown when the prompt was removed with its last picture.
PROMPT_DELETED = gettext_lazy("The prompt was deleted.")


def _prompt(model: schema.ParameterSchema, cells: list[schema.Values]) -> str:
    """Return the prompt; of a request with wildcards all of its prompts, a line each."""
    parameter = model.by_role("prompt")
    prompts = [str(cell.get(parameter.name, PROMPT_DELETED)) for cell in cells] if parameter else []
    return "\n".join(dict.fromkeys(prompts))


def _cell(model: schema.ParameterSchema, values: schema.Values) -> dict[str, str]:
    """Return label and value of every shown parameter except the prompt."""
    said = {}
    for parameter in model.parameters:
        if parameter.name not in values or parameter.role == "prompt" or not parameter.shown:
            continue
        value = values[parameter.name]
        option = parameter.option(value)
        random = parameter.role == "seed" and value == -1
        said[_(parameter.label)] = _("random") if random else _(option.label) if option else str(value)
    return said


def _kinds(model: schema.ParameterSchema, cells: list[schema.Values]) -> str:
    """Return what determines the price, such as `4 × Square, Fast; 4 × Wide, Fast`."""
    parameters = [parameter for role in ("size", "speed") if (parameter := model.by_role(role))]
    names = (
        ", ".join(_(option.label) for one in parameters if (option := one.option(cell.get(one.name)))) for cell in cells
    )
    return "; ".join(f"{count} × {name}" for name, count in Counter(names).items() if name)


def _usage(usage: BudgetUsage, viewer: User) -> str:
    if not usage.is_open_to(viewer):
        return str(ledger.OVER_ALL_TEAMS)
    return _("This exceeds a limit. %(details)s") % {"details": what_is_left(usage, viewer)}

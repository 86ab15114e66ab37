"""Approval requests: generation requests that cost more than the team allows without a manager's approval.

Nothing is held or queued until a manager approves. Then the pictures are submitted in the requester's name, at the
prices and limits of that moment.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations import ledger, schema
from generations.conf import conf
from generations.errors import (
    BlockedWordInPrompt,
    CostCentreMissing,
    NotAllowed,
    PriceChanged,
    RequestAlreadyDecided,
    RequesterNotAllowed,
    TooManyWaiting,
)
from generations.models import (
    ApprovalRequest,
    AuditAction,
    Generation,
    Notification,
    NotificationKind,
    RequestState,
    Team,
    User,
    format_dollars,
    format_estimate,
)
from generations.permissions import REVIEWERS, Verb, allows, role_of
from generations.queries.orders.approvals import may_decide
from generations.services.activity.notifications import close_approval_request, leave_to_digest, notify_approval_request
from generations.services.orders.submit import (
    GenerationRequest,
    build_generations,
    previous_submission,
    require_allowed,
    submit,
)
from generations.services.site import audit, mail, rate_limits
from generations.services.site.site_language import site_language

MAX_NOTE_LENGTH = 300
MAX_EMAILS = 20


def submit_or_request_approval(
    *, actor: User, team: Team, order: GenerationRequest, planned: Sequence[Generation] = ()
) -> list[Generation] | ApprovalRequest:
    """Queue the pictures, or create an approval request if their expected price is above the team's threshold.

    A form key that was used before returns what it led to then. `planned` is what `build_generations` returned for the
    same order, if it was asked before. Raises TooManyRequests, PriceChanged when the form key
    comes with a different request, and what `submit` raises.
    """
    rows = planned or build_generations(actor=actor, team=team, order=order)
    if earlier := _asked_before(actor, order):
        return _same(earlier, team, order, rows)
    if previous_submission(actor=actor, client_key=order.client_key):
        return submit(actor=actor, team=team, order=order, planned=rows)
    needed = sum((row.estimate for row in rows), Decimal(0))
    if not team.asks_for(needed):
        return submit(actor=actor, team=team, order=order, planned=rows)
    try:
        with transaction.atomic():
            return _request_approval(actor, team, order, rows, needed)
    except IntegrityError:
        earlier = _asked_before(actor, order)
        if earlier is None:
            raise
        return _same(earlier, team, order, rows)


def approve(*, actor: User, request: ApprovalRequest, note: str = "") -> list[Generation]:
    """Approve a request and submit its pictures in the requester's name.

    Raises OverLimit, TooManyWaiting, BlockedWordInPrompt, CostCentreMissing, RequesterNotAllowed,
    RequestAlreadyDecided and NotAllowed, with nothing changed.
    """
    with transaction.atomic():
        _decide(actor, request, RequestState.APPROVED, note)
        asker = request.requested_by
        if not (asker.is_active and allows(role_of(asker, request.team), Verb.CREATE)):
            text = _("%(name)s can no longer generate pictures here. Decline the request, or change their role first.")
            raise RequesterNotAllowed(text % {"name": asker.display_name})
        made = _submit_approved(actor, asker, request)
        audit.record_event(
            AuditAction.APPROVED_ORDER, actor=actor, subject=request, team=request.team, detail=_detail(request)
        )
        _notify_requester(request, "approved")
    return made


def _submit_approved(actor: User, asker: User, request: ApprovalRequest) -> list[Generation]:
    """Submit the pictures in the requester's name; a refusal is a sentence for the manager."""
    try:
        return submit(actor=asker, team=request.team, order=generation_request(request), reader=actor, approved=True)
    except TooManyWaiting:
        text = ngettext(
            "%(name)s has too many pictures in progress to add %(count)s more. Approve this request when some "
            "are done.",
            "%(name)s has too many pictures in progress to add %(count)s more. Approve this request when some "
            "are done.",
            len(request.cells),
        )
        raise TooManyWaiting(text % {"name": asker.display_name, "count": len(request.cells)}) from None
    except BlockedWordInPrompt as error:
        text = _("Your team doesn't allow “%(word)s” in prompts. Decline this request, or change the blocked words.")
        raise BlockedWordInPrompt(text % {"word": error.word}, field=error.field, word=error.word) from None
    except CostCentreMissing:
        text = _(
            "%(team)s requires a cost centre, and this request has none. Set one for its collection or for the team, "
            "or decline the request."
        )
        raise CostCentreMissing(text % {"team": request.team.name}) from None


@transaction.atomic
def reject(*, actor: User, request: ApprovalRequest, note: str = "") -> bool:
    """Reject a request; return whether the requester is notified. Raises RequestAlreadyDecided and NotAllowed."""
    _decide(actor, request, RequestState.REFUSED, note)
    audit.record_event(
        AuditAction.REFUSED_ORDER, actor=actor, subject=request, team=request.team, detail=_detail(request)
    )
    return _notify_requester(request, "refused")


@transaction.atomic
def cancel_request(*, actor: User, request: ApprovalRequest) -> None:
    """Withdraw one's own request. Raises RequestAlreadyDecided and NotAllowed."""
    if request.requested_by_id != actor.pk:
        raise NotAllowed(_("Only the person who made a request can withdraw it."))
    _end(actor, request, RequestState.WITHDRAWN, "")
    audit.record_event(
        AuditAction.WITHDREW_ORDER, actor=actor, subject=request, team=request.team, detail=_detail(request)
    )


def generation_request(request: ApprovalRequest) -> GenerationRequest:
    """Return the generation request that an approval submits."""
    return GenerationRequest(
        {}, len(request.cells), request.client_key, request.model, collection=request.collection,
        visibility=request.visibility, cells=tuple(request.cells), batch=request.batch, remix_of=request.remix_of,
    )  # fmt: skip


def exceeded_limits(request: ApprovalRequest, usages: list[ledger.BudgetUsage]) -> list[ledger.BudgetUsage]:
    """Return those of the team's limits that apply to the request and do not cover its expected price."""

    def concerns(budget: ledger.BudgetUsage) -> bool:
        row = budget.budget
        people, shelves = {None, request.requested_by_id}, {None, request.collection_id}
        return row.hard is not None and row.person_id in people and row.collection_id in shelves

    return [one for one in usages if concerns(one) and one.used + request.estimate > one.most]


def _request_approval(
    actor: User, team: Team, order: GenerationRequest, rows: Sequence[Generation], needed: Decimal
) -> ApprovalRequest:
    require_allowed(team=team, order=order)
    rate_limits.acquire("approval_request", user=actor)
    request = ApprovalRequest.objects.create(
        team=team, requested_by=actor, client_key=order.client_key, model=order.model, cells=_whole(order, rows),
        estimate=needed, collection=order.collection, visibility=order.visibility or team.default_visibility,
        batch=order.batch, remix_of=order.remix_of,
    )  # fmt: skip
    _notify_managers(request)
    return request


def _notify_managers(request: ApprovalRequest) -> None:
    """Notify the managers except the requester, on the site and by email, without the prompts."""
    team = request.team
    managers = team.members.filter(memberships__role__in=REVIEWERS, memberships__team=team, is_active=True)
    people = {one.pk: one for one in managers.exclude(pk=request.requested_by_id).distinct()}
    with site_language():
        price = format_estimate(request.estimate)
    words = {"asker": request.requested_by.display_name, "price": price, **_letter(request)}
    letters = [one for one in notify_approval_request(request, NotificationKind.REQUESTED, people) if one.by_email]
    for row in letters[:MAX_EMAILS]:
        _send("approval_requested", people[row.user_id], row, words)


def _notify_requester(request: ApprovalRequest, verdict: str) -> bool:
    """Notify the requester of the decision, on the site and by email; return whether they are notified.

    They are not if they decided themself, left the team, are inactive, or switched this notification off.
    """
    by, asker = request.decided_by, request.requested_by
    if by is None or by == asker or not asker.is_active or role_of(asker, request.team) is None:
        return False
    words = {"verdict": verdict, "by": by.display_name, "note": request.note, **_letter(request)}
    told = notify_approval_request(request, NotificationKind.DECIDED, [asker.pk])
    for row in told:
        if row.by_email:
            _send("approval_decided", asker, row, words)
    return bool(told)


def _send(template: str, to: User, row: Notification, words: Mapping[str, object]) -> None:
    """Send an email after the commit."""
    transaction.on_commit(partial(send_or_leave_to_digest, template, to, row, words))


def send_or_leave_to_digest(template: str, to: User, row: Notification, words: Mapping[str, object]) -> None:
    """Send an email; beyond the hourly mail limit leave the notification to the next digest."""
    if not mail.send_in_background(template, to.email, name=to.display_name, **words):
        leave_to_digest(row)


def _letter(request: ApprovalRequest) -> dict[str, object]:
    link = f"{conf().site_url}/t/{request.team.slug}/approvals/"
    return {"team": request.team.name, "count": len(request.cells), "link": link}


def _whole(order: GenerationRequest, rows: Sequence[Generation]) -> list[schema.Values]:
    """Return the parameters of each picture; a chosen seed is counted up, a random one is drawn after the approval."""
    parameter = schema.get(order.model).by_role("seed")
    cells = [dict(row.parameters) for row in rows]
    for row, cell in zip(rows, cells, strict=True):
        if parameter is not None and row.seed is not None and row.seed_locked:
            cell[parameter.name] = row.seed
    return cells


def _asked_before(actor: User, order: GenerationRequest) -> ApprovalRequest | None:
    if order.client_key is None:
        return None
    return ApprovalRequest.objects.filter(requested_by=actor, client_key=order.client_key).first()


def _same(
    earlier: ApprovalRequest, team: Team, order: GenerationRequest, rows: Sequence[Generation]
) -> ApprovalRequest:
    if (earlier.team_id, earlier.model, earlier.cells) != (team.pk, order.model, _whole(order, rows)):
        raise PriceChanged(_("Your earlier request stands. Submit again to request this version too."))
    return earlier


def _decide(actor: User, request: ApprovalRequest, state: RequestState, note: str) -> None:
    if not may_decide(actor, request):
        raise NotAllowed(_("You can't decide on your own request. Ask another manager."))
    _end(actor, request, state, note)


def _end(actor: User, request: ApprovalRequest, state: RequestState, note: str) -> None:
    """Set the final state by one conditional UPDATE, so that of two users who decide at once only one succeeds."""
    asked = ApprovalRequest.objects.filter(pk=request.pk, state=RequestState.PENDING)
    if asked.update(state=state, decided_at=Now(), decided_by=actor, note=note) != 1:
        raise RequestAlreadyDecided(_("This request has already been decided or withdrawn."))
    request.refresh_from_db()
    close_approval_request(request)


@translation.override("en")
def _detail(request: ApprovalRequest) -> str:
    """Return what the audit log says, in English for all who read it."""
    many = len(request.cells)
    return f"{many} picture{'' if many == 1 else 's'} for {format_dollars(request.estimate)}"

"""Planning pictures over several seeds, sizes and speeds, and generating those of the plan."""

import json
import uuid
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from generations import schema
from generations.access import require
from generations.errors import BlockedWordInPrompt, CostCentreMissing
from generations.forms.composer import MODEL, REMIX_OF, new_client_key
from generations.forms.form_transfer import FILL, REVIEW, to_parameter_grid
from generations.forms.parameter_grid import CAP, DO, SEEDS, ParameterGridForm, ParameterSet
from generations.models import ApprovalRequest, Team, User, format_estimate
from generations.permissions import Verb, role_of
from generations.queries.orders.expected_time import ExpectedTime
from generations.services.orders import approvals, parameter_grid
from generations.services.orders.parameter_grid import MAX_CELLS, OVER_CAP, GridCell, GridPlan
from generations.views.gallery.approval_hint import ApprovalHint, approval_hint
from generations.views.gallery.create import REFUSALS, source_of, waits, with_retry
from generations.views.site.formatting import dollars, lasting, number, pictures
from generations.views.site.pickers import WHO_SEES, Choice, PickerOptions, choices
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, unsent_form

PLAN_CHANGED = gettext_lazy("The preview or its price has changed. Check it again before you generate.")
NOTHING_CHOSEN = gettext_lazy("Select at least one picture to generate.")


@dataclass(frozen=True)
class PlanRow:
    key: str
    wording: str
    size: str
    pixels: str
    speed: str
    seed: int | None
    price: str
    price_text: str
    taken: bool
    over_cap: bool
    has: str
    label: str


@dataclass(frozen=True)
class PlanTable:
    """The planned pictures; `asks` is whether the batch needs approval, and `approval` above which price one does.

    `counts` and `buttons` are JSON for the script: how many pictures, and the button, for each number of ticks from 0.
    """

    rows: list[PlanRow]
    seen: str
    stamp: str
    total: str
    total_text: str
    many: str
    button: str
    counts: str
    buttons: str
    wildcards: bool
    takes: str
    why: str
    over_cap: str
    saved: str
    asks: bool
    approval: ApprovalHint | None


@dataclass(frozen=True)
class GridPage:
    action: str
    one_url: str
    form: ParameterGridForm
    model: str
    sets: list[ParameterSet]
    seeds: dict[str, str]
    cap: dict[str, str]
    client_key: uuid.UUID
    remix_id: str
    collections: list[Choice]
    errors: list[str]
    visibility: list[Choice]
    plan: PlanTable | None
    most: int = MAX_CELLS


@require_http_methods(["GET", "HEAD", "POST"])
def parameter_grid_page(request: HttpRequest, team: str) -> HttpResponse:
    """Show the form on GET; on POST plan the grid and show it as a table.

    POST with `x-do=order` generates what the table showed; with `x-do=fill` it fills the form from the composer, and
    with `x-do=review` it plans it too. That is a POST because addresses are kept and logged, and prompts must not be.
    """
    user, found = enter_team(request, team)
    require(user, found, Verb.CREATE)
    if request.method != "POST":
        fields = unsent_form(request, request.path, filled_from=reverse("create", args=[found.slug]))
        model = schema.is_known(fields.get(MODEL, "") or request.GET.get("model", ""))
        form = ParameterGridForm(model, fields or None, team=found)
        return _filled(request, user, found, form) if fields else _page(request, user, found, form)
    model = schema.is_known(request.POST.get(MODEL, ""))
    from_composer = request.POST.get(DO) in {FILL, REVIEW}
    data = to_parameter_grid(model, request.POST) if from_composer else request.POST
    form = ParameterGridForm(model, data, team=found)
    if request.POST.get(DO) == FILL:
        return _filled(request, user, found, form)
    return _plan_or_order(request, user, found, form)


def _plan_or_order(request: HttpRequest, user: User, team: Team, form: ParameterGridForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, user, team, form, status=422)
    try:
        planned = parameter_grid.plan_grid(
            actor=user, team=team, request=form.request, seen=form.seen, ticked=form.ticked, only_ticked=form.ordered
        )
    except (BlockedWordInPrompt, CostCentreMissing) as error:
        form.refuse(error)
        return _page(request, user, team, form, status=422)
    return _order(request, user, team, form, planned) if form.ordered else _page(request, user, team, form, planned)


def _filled(request: HttpRequest, user: User, team: Team, form: ParameterGridForm) -> HttpResponse:
    form.forgive_blanks()
    return _page(request, user, team, form, status=422 if form.errors else 200)


def _order(request: HttpRequest, user: User, team: Team, form: ParameterGridForm, plan: GridPlan) -> HttpResponse:
    if not plan.taken or not form.fits(plan):
        form.add_error(None, str(PLAN_CHANGED if plan.taken else NOTHING_CHOSEN))
        return _page(request, user, team, form, plan, status=409)
    try:
        order = replace(form.order_of(plan.taken), remix_of=source_of(form, user))
        ordered = approvals.submit_or_request_approval(actor=user, team=team, order=order)
    except tuple(REFUSALS) as error:
        form.refuse(error)
        return with_retry(_page(request, user, team, form, plan, status=REFUSALS[type(error)]), error)
    if isinstance(ordered, ApprovalRequest):
        return waits(request, ordered)
    return redirect("batch", team.slug, ordered[0].batch)


def _page(
    request: HttpRequest,
    user: User,
    team: Team,
    form: ParameterGridForm,
    plan: GridPlan | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    collections = PickerOptions.of(team, user).collection_choices(form.chosen("collection"))
    page = GridPage(
        action=reverse("parameter_grid", args=[team.slug]),
        one_url=reverse("create", args=[team.slug]),
        form=form,
        model=form.model.id,
        sets=[form.sizes, form.speeds],
        seeds=form.text_of(SEEDS),
        cap=form.text_of(CAP),
        client_key=(form.cleaned_data.get("client_key") if form.is_bound else None) or new_client_key(),
        remix_id=form.chosen(REMIX_OF),
        collections=collections,
        errors=form.errors_without_control(has_collections=bool(collections)),
        visibility=choices(WHO_SEES.items(), form.chosen("visibility") or team.default_visibility),
        plan=_plan(plan, team, user) if plan else None,
    )
    return render_page(request, "orders/parameter_grid.html", page, status=status)


def _plan(plan: GridPlan, team: Team, user: User) -> PlanTable:
    taken, total = plan.taken, plan.total
    left = [cell for cell in plan.cells if cell.out == OVER_CAP]
    return PlanTable(
        rows=[_row(cell) for cell in plan.cells],
        seen=" ".join(cell.key for cell in plan.cells if cell.out != OVER_CAP),
        stamp=plan.stamp,
        total=str(total),
        total_text=format_estimate(total),
        many=pictures(len(taken)),
        button=_button(len(taken)),
        counts=json.dumps([pictures(count) for count in range(len(plan.cells) + 1)], ensure_ascii=False),
        buttons=json.dumps([_button(count) for count in range(len(plan.cells) + 1)], ensure_ascii=False),
        wildcards=any(cell.wording for cell in plan.cells),
        takes=lasting(plan.takes.span) if taken else "",
        why=_why(plan.takes),
        over_cap=pictures(len(left)) if left else "",
        saved=_saved(plan),
        asks=team.asks_for(total),
        approval=approval_hint(team, user, role_of(user, team)),
    )


def _row(cell: GridCell) -> PlanRow:
    return PlanRow(
        key=cell.key,
        wording=cell.wording.choices if cell.wording else "",
        size=_(cell.size.label) if cell.size else "",
        pixels=f"{cell.size.width} × {cell.size.height}" if cell.size and cell.size.width else "",
        speed=_(cell.speed.label) if cell.speed else "",
        seed=cell.seed,
        price=str(cell.price),
        price_text=dollars(cell.price, estimated=True),
        taken=cell.taken,
        over_cap=cell.out == OVER_CAP,
        has=reverse("detail", args=[cell.has.id]) if cell.has else "",
        label=" ".join(str(one) for one in _names(cell) if one is not None),
    )


def _names(cell: GridCell) -> list[object]:
    return [
        cell.wording and cell.wording.choices,
        cell.size and _(cell.size.label),
        cell.speed and _(cell.speed.label),
        cell.seed,
    ]


def _saved(plan: GridPlan) -> str:
    """Return the price of the pictures that exist already and are not generated again; empty when there are none."""
    prices = [cell.price for cell in plan.cells if cell.has and not cell.taken]
    return format_estimate(sum(prices[1:], prices[0])) if prices else ""


def _why(takes: ExpectedTime) -> str:
    ahead = ngettext(
        "%(count)s picture is ahead in the queue.", "%(count)s pictures are ahead in the queue.", takes.ahead
    ) % {"count": number(takes.ahead)}
    figures = {"per_minute": number(takes.a_minute), "at_once": number(takes.at_once)}
    rate = (
        _("Up to %(per_minute)s are sent per minute, and a worker generates %(at_once)s at once.")
        if takes.a_minute
        else _("A worker generates %(at_once)s at once.")
    )
    return f"{ahead if takes.ahead else _('Nothing is ahead in the queue.')} {rate % figures}"


def _button(count: int) -> str:
    text = ngettext("Generate %(count)s picture", "Generate %(count)s pictures", count)
    return text % {"count": number(count)}

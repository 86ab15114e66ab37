"""Spending limits of teams, members and collections: visible to managers, changed by owners."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from generations.access import limit_or_404
from generations.errors import InvalidLimit
from generations.forms.limits import ApprovalForm, LimitForm, NewLimitForm, QuotaForm
from generations.ledger import BudgetUsage
from generations.models import Budget, Collection, Span, Team, User, format_amount, typed_amount
from generations.permissions import Verb, allows, may_change_limit, role_of
from generations.queries.collections import collections
from generations.queries.spending.limits import limited_people, limits_of
from generations.queries.teams.members import member_of
from generations.services.orders.quotas import MAX_IN_FLIGHT
from generations.services.spending import limits as service
from generations.views.site.formatting import pictures
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, require_post
from generations.views.spending.limit_rows import LimitRow, limit_row, quota_of_person

SECTIONS = {
    "team": (gettext_lazy("Team"), gettext_lazy("Applies to everyone in the team.")),
    "person": (gettext_lazy("People"), gettext_lazy("Applies per person, on top of the team limit.")),
    "collection": (
        gettext_lazy("Collections"),
        gettext_lazy("Applies to pictures generated into a collection, by anyone."),
    ),
}


@dataclass(frozen=True)
class LimitSection:
    """The limits of one kind, and the form of a new one; `choices` are the people or collections."""

    name: str
    title: str
    words: str
    lines: list[LimitRow]
    choices: list[tuple[str, str]]
    form: LimitForm
    open: bool


@dataclass(frozen=True)
class RefusedLimit:
    """A form that was refused, of the limit with the id `of`."""

    of: int
    form: LimitForm | None


@dataclass(frozen=True)
class LimitsPage:
    sections: list[LimitSection]
    refused: RefusedLimit | None
    changes: bool
    sets_sites: bool
    spans: list[tuple[str, str]]
    approval: ApprovalForm
    approval_text: str
    quota: QuotaForm
    quota_words: str
    max_in_flight: str


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest, team: str) -> HttpResponse:
    """Show the page on GET, add a limit on POST."""
    user, found = enter_team(request, team, Verb.REVIEW)
    if request.method != "POST":
        return _page(request, user, found)
    form = NewLimitForm(request.POST)
    if not form.is_valid():
        return _page(request, user, found, form=form)
    said = form.cleaned_data
    by_site = said["by_site"] and said["of"] == "team"
    try:
        service.add(
            actor=user,
            team=found,
            span=Span(said["span"]),
            limits=form.limits,
            by_site=by_site,
            person=_person(found, said["whose"]) if said["of"] == "person" else None,
            collection=_collection(found, said["whose"]) if said["of"] == "collection" else None,
        )
    except InvalidLimit as error:
        form.add_error(error.field if error.field in form.fields else "whose", error.message)
        return _page(request, user, found, form=form)
    messages.success(request, _("Limit saved. It applies to new requests."))
    return redirect("limits", found.slug)


@require_post
def change(request: HttpRequest, team: str, budget: int) -> HttpResponse:
    user, found = enter_team(request, team, Verb.REVIEW)
    row = limit_or_404(found, budget)
    form = LimitForm(request.POST)
    if not form.is_valid():
        return _page(request, user, found, form=form, of=row.pk)
    try:
        service.change(actor=user, budget=row, limits=form.limits)
    except InvalidLimit as error:
        form.add_error(error.field, error.message)
        return _page(request, user, found, form=form, of=row.pk)
    except Budget.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("Limit saved. It applies to new requests."))
    return redirect("limits", found.slug)


@require_post
def remove(request: HttpRequest, team: str, budget: int) -> HttpResponse:
    user, found = enter_team(request, team, Verb.REVIEW)
    row = limit_or_404(found, budget)
    gone = service.remove(actor=user, budget=row)
    messages.success(request, _("Limit removed.") if gone else _("This limit was already removed."))
    return redirect("limits", found.slug)


@require_post
def approval(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team, Verb.REVIEW)
    form = ApprovalForm(request.POST)
    if not form.is_valid():
        return _page(request, user, found, approval=form)
    above = form.cleaned_data["above"]
    try:
        service.set_approval(actor=user, team=found, above=above)
    except InvalidLimit as error:
        form.add_error(error.field, error.message)
        return _page(request, user, found, approval=form)
    said = (
        _("Approval is off: requests of any size go through.")
        if above is None
        else _("Requests over %(amount)s need a manager's approval.") % {"amount": format_amount(above)}
    )
    messages.success(request, said)
    return redirect("limits", found.slug)


@require_post
def quotas(request: HttpRequest, team: str) -> HttpResponse:
    """Set how many pictures each member may have in progress, and generate in a minute."""
    user, found = enter_team(request, team, Verb.REVIEW)
    form = QuotaForm(request.POST)
    if not form.is_valid():
        return _page(request, user, found, quota=form)
    service.set_quotas(actor=user, team=found, **form.cleaned_data)
    messages.success(request, _("Limit saved. It applies from now on."))
    return redirect("limits", found.slug)


def _person(team: Team, whose: str) -> User:
    """Return the chosen member of the team. Raises InvalidLimit when there is no such one."""
    member = member_of(team, whose)
    if member is None:
        raise InvalidLimit(_("Choose a member of the team."), field="whose")
    return member


def _collection(team: Team, whose: str) -> Collection:
    """Return the chosen collection of the team. Raises InvalidLimit when there is no such one."""
    chosen = collections.collection_of(team, whose)
    if chosen is None:
        raise InvalidLimit(_("Choose a collection."), field="whose")
    return chosen


def _page(
    request: HttpRequest, user: User, team: Team, *, form: LimitForm | None = None, of: int = 0,
    approval: ApprovalForm | None = None, quota: QuotaForm | None = None,
) -> HttpResponse:  # fmt: skip
    """Render the page; a refused form keeps its values, in the form of the limit `of` or in that of a new limit."""
    found = limits_of(team)
    new = form if form and not of else None
    page = LimitsPage(
        sections=[_section(name, found, user, team, new if _is_of(new, name) else None) for name in SECTIONS],
        refused=RefusedLimit(of, form) if of else None,
        changes=allows(role_of(user, team), Verb.LIMIT),
        sets_sites=user.is_superuser,
        spans=[(value, str(label)) for value, label in Span.choices],
        approval=approval or ApprovalForm(initial={"above": typed_amount(team.approval_above)}),
        approval_text=format_amount(team.approval_above) if team.approval_above is not None else "",
        quota=quota or QuotaForm(initial={"in_flight": team.person_in_flight, "per_minute": team.person_per_minute}),
        quota_words=quota_of_person(team),
        max_in_flight=pictures(MAX_IN_FLIGHT),
    )
    status = 422 if form or approval or quota else 200
    return render_page(request, "spending/limits/limits.html", page, status=status)


def _is_of(form: LimitForm | None, name: str) -> bool:
    return form is not None and form.data.get("of", "") == name


def _section(name: str, found: list[BudgetUsage], user: User, team: Team, form: LimitForm | None) -> LimitSection:
    title, words = SECTIONS[name]
    here = [one for one in found if _section_of(one.budget) == name]
    return LimitSection(
        name=name,
        title=str(title),
        words=str(words),
        lines=[limit_row(one, changes=may_change_limit(user, one.budget)) for one in here],
        choices=_choices(name, team),
        form=form or NewLimitForm(initial={"span": Span.MONTH}),
        open=form is not None,
    )


def _section_of(budget: Budget) -> str:
    return "person" if budget.person_id else "collection" if budget.collection_id else "team"


def _choices(name: str, team: Team) -> list[tuple[str, str]]:
    if name == "person":
        return [(str(row.user_id), row.user.display_name) for row in limited_people(team)]
    if name == "collection":
        return [(str(id_), label) for id_, label in collections.collection_names(team)]
    return []

"""The first live picture of a team: what was expected, what was charged, and how far the balance fell."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generations import schema
from generations.conf import conf
from generations.errors import GalleryError, ProviderError
from generations.forms.first_picture import FirstPictureForm
from generations.models import FirstPicture, Generation, Team, User
from generations.permissions import Verb, allows, may_see_balance, role_of
from generations.queries.orders.first_picture import first_picture, may_be_ordered
from generations.services.orders import first_picture as service
from generations.services.orders.first_picture import FirstPictureCosts
from generations.views.cards.cards import Card, build_cards
from generations.views.site.formatting import dollars, exact_dollars
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, is_htmx


@dataclass(frozen=True)
class ComparedAmount:
    """One of the amounts side by side; `value` is a dash while it is unknown, and `exact` has all of its places."""

    label: str
    value: str
    exact: str
    note: str


@dataclass(frozen=True)
class BalanceVerdict:
    text: str
    agrees: bool


@dataclass(frozen=True)
class FirstPicturePage:
    """`form` is None while the picture is in progress or done; `card` None before it was ordered."""

    emulated: bool
    form: FirstPictureForm | None
    what: str
    price: str
    card: Card | None
    amounts: Sequence[ComparedAmount]
    verdict: BalanceVerdict | None
    poll_url: str


@require_http_methods(["GET", "HEAD", "POST"])
def first_picture_page(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team, Verb.OWN)
    if request.method != "POST":
        return _page(request, user, found)
    form = FirstPictureForm(request.POST)
    if form.is_valid():
        try:
            service.order_first_picture(actor=user, team=found, prompt=form.cleaned_data["prompt"])
        except GalleryError as error:
            form.add_error(None, error.full_message if isinstance(error, ProviderError) else error.message)
        else:
            return redirect("first_picture", found.slug)
    return _page(request, user, found, form, status=422)


def _page(
    request: HttpRequest, user: User, team: Team, form: FirstPictureForm | None = None, status: int = 200
) -> HttpResponse:
    found, role = first_picture(team), role_of(user, team)
    form = form or FirstPictureForm(initial={"prompt": found.generation.prompt if found else _example()})
    card = build_cards([found.generation], user, role)[0] if found else None
    balance = may_see_balance(user, reviews=allows(role, Verb.REVIEW))
    reads = found is not None and service.reads_balance(found)
    seen = f"{card.version}{found.balance_after}" if found and card else ""
    if is_htmx(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    planned = found.generation if found else service.preview(actor=user, team=team, prompt=_example())
    page = FirstPicturePage(
        emulated=conf().emulated,
        form=form if may_be_ordered(found) and not conf().emulated else None,
        what=_what(planned),
        price=dollars(planned.estimate, estimated=True),
        card=card,
        amounts=_amounts(found, reads=reads, balance=balance) if found else (),
        verdict=_verdict(service.costs_of(found)) if found and balance else None,
        poll_url=f"{request.path}?seen={quote(seen)}" if card and (card.waits or reads) else "",
    )
    return render_page(request, "orders/first_picture.html", page, status=status)


def _example() -> str:
    parameter = schema.get().by_role("prompt")
    return parameter.examples[0] if parameter and parameter.examples else ""


def _what(row: Generation) -> str:
    """Return the form of the picture: its shape and its speed."""
    model = schema.is_known(row.model)
    options = ((model.by_role(role), name) for role, name in (("size", row.size), ("speed", row.speed)))
    found = (parameter.option(name) for parameter, name in options if parameter and name)
    return " · ".join(_(option.label) for option in found if option)


def _amounts(found: FirstPicture, *, reads: bool, balance: bool) -> list[ComparedAmount]:
    costs = service.costs_of(found)
    amounts = [
        _amount(_("Estimate"), costs.estimate, _("Reserved before the request was sent"), estimated=True),
        _amount(_("Charge"), costs.charge, _charge_note(costs), estimated=costs.charge_estimated),
    ]
    if balance:
        before = {"before": exact_dollars(found.balance_before)}
        note = _("It was %(before)s") % before
        if found.balance_after is not None:
            note = _("From %(before)s to %(after)s") % {**before, "after": exact_dollars(found.balance_after)}
        elif reads:
            note = _("It was %(before)s. Reading it again…") % before
        elif costs.charge is not None:
            note = _("It was %(before)s, and couldn't be read after the picture.") % before
        amounts.append(_amount(_("Fall of the balance"), costs.decrease, note))
    return amounts


def _amount(label: str, amount: Decimal | None, note: str, *, estimated: bool = False) -> ComparedAmount:
    if amount is None:
        return ComparedAmount(label, "—", "", note)
    return ComparedAmount(label, dollars(amount, estimated=estimated), exact_dollars(amount), note)


def _charge_note(costs: FirstPictureCosts) -> str:
    if costs.charge is None:
        return _("Known when the picture arrives")
    return _("This site's estimate: no price was reported") if costs.charge_estimated else _("Reported by the provider")


def _verdict(costs: FirstPictureCosts) -> BalanceVerdict | None:
    beyond = costs.difference
    if beyond is None:
        return None
    if not beyond:
        return BalanceVerdict(_("The balance fell by what was charged."), agrees=True)
    text = (
        _("The balance fell by %(amount)s more than was charged. Other pictures with the same key move it too.")
        if beyond > 0
        else _("The balance fell by %(amount)s less than was charged. It may have been topped up, or be updated later.")
    )
    return BalanceVerdict(text % {"amount": exact_dollars(abs(beyond))}, agrees=False)

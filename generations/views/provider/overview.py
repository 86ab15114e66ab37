"""The provider account for superusers: balance, pauses, price changes and reconciliation."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from generations import schema
from generations.access import superuser_or_404
from generations.conf import conf
from generations.errors import GalleryError
from generations.models import BalanceReading, PauseCause, ProviderPause, UsualPrice, name_in
from generations.queries.orders import queue_age
from generations.queries.orders.queue import counts_of_all_teams
from generations.queries.provider import pauses
from generations.queries.spending.prices import changed_prices
from generations.services.provider import manual_pause as account
from generations.services.site.reasons import MAX_REASON_LENGTH
from generations.services.spending import price_alerts
from generations.views.provider.reconciliation_summary import ReconciliationDetails, reconciliation_details
from generations.views.site.formatting import age, day_and_clock, dollars, exact_moment, number, pictures
from generations.views.site.rendering import render_page
from generations.views.site.requests import reason_of, refused_text, require_post

MAX_PAUSES, MAX_READINGS, MAX_PRICE_CHANGES = 50, 20, 5


@dataclass(frozen=True)
class PauseLine:
    cause: str
    reason: str
    began: str
    began_by: str
    ended: str
    ended_by: str
    end_reason: str
    lasted: str
    balance: str
    needed: str
    probed: str
    next_probe: str


@dataclass(frozen=True)
class BalanceLine:
    at: str
    credits: str
    free: str
    total: str


@dataclass(frozen=True)
class ProviderFigure:
    label: str
    value: str
    note: str
    # The amount to the last place, for who points at it.
    exact: str = ""


@dataclass(frozen=True)
class PriceChangeLine:
    kind: str
    change: str
    at: str


@dataclass(frozen=True)
class RefusedReasons:
    """What was typed into the forms of the page and refused."""

    pause: str
    resume: str
    explain_remainder: str


@dataclass(frozen=True)
class ProviderPage:
    open: list[PauseLine]
    past: list[PauseLine]
    readings: list[BalanceLine]
    numbers: list[ProviderFigure]
    moved: list[PriceChangeLine]
    by_hand: bool
    host: str
    api_version: str
    longest_reason: int
    typed: RefusedReasons
    reconciliation: ReconciliationDetails


@require_safe
def provider_overview(request: HttpRequest) -> HttpResponse:
    superuser_or_404(request)
    known, readings = pauses.pause_history(MAX_PAUSES), pauses.balance_readings(MAX_READINGS)
    page = ProviderPage(
        open=[_pause(one) for one in known if one.ended_at is None],
        past=[_pause(one) for one in known if one.ended_at is not None],
        readings=[_reading(one) for one in readings],
        numbers=[_balance(readings), *_queue()],
        moved=[_price_change(one) for one in changed_prices(MAX_PRICE_CHANGES)],
        by_hand=any(one.ended_at is None and one.cause == PauseCause.BY_HAND for one in known),
        host=urlsplit(conf().base_url).netloc,
        api_version=conf().api_version,
        longest_reason=MAX_REASON_LENGTH,
        typed=RefusedReasons(
            *(refused_text(request, reverse(verb)) for verb in ("pause", "resume", "explain_remainder"))
        ),
        reconciliation=reconciliation_details(),
    )
    return render_page(request, "provider/account.html", page)


@require_post
def pause(request: HttpRequest) -> HttpResponse:
    actor = superuser_or_404(request)
    try:
        account.pause(actor=actor, reason=reason_of(request))
        pauses.clear_cache()
        messages.success(request, _("Generation paused. Pictures already sent will finish; the rest wait."))
    except GalleryError as error:
        messages.error(request, error.message)
    return redirect("provider")


@require_post
def resume(request: HttpRequest) -> HttpResponse:
    actor = superuser_or_404(request)
    try:
        ended = account.resume(actor=actor, reason=reason_of(request))
        pauses.clear_cache()
        messages.success(request, _("Generation resumed.") if ended else _("Generation wasn't paused."))
    except GalleryError as error:
        messages.error(request, error.message)
    return redirect("provider")


def _pause(one: ProviderPause) -> PauseLine:
    return PauseLine(
        cause=str(PauseCause(one.cause).label),
        reason=one.reason,
        began=day_and_clock(one.started_at),
        began_by=name_in(one, "started_by", ""),
        ended=day_and_clock(one.ended_at) if one.ended_at else "",
        ended_by=name_in(one, "ended_by", ""),
        end_reason=one.end_reason,
        lasted=age(((one.ended_at or timezone.now()) - one.started_at).total_seconds()),
        balance=dollars(one.balance),
        needed=dollars(one.needed),
        probed=_probed(one.probes),
        next_probe=exact_moment(one.probe_at) if one.probe_at and one.probe_at > timezone.now() else "",
    )


def _probed(count: int) -> str:
    if not count:
        return ""
    return ngettext("Tried once.", "Tried %(count)s times.", count) % {"count": number(count)}


def _price_change(one: UsualPrice) -> PriceChangeLine:
    kind = price_alerts.price_key_name(schema.is_known(one.model), (one.size, one.speed))
    change = price_alerts.describe_change(one.previous or one.price, one.price)
    return PriceChangeLine(kind, change, day_and_clock(one.reported_at))


def _reading(one: BalanceReading) -> BalanceLine:
    total = dollars(one.credits + one.free_credits)
    return BalanceLine(day_and_clock(one.read_at), dollars(one.credits), dollars(one.free_credits), total)


def _balance(readings: list[BalanceReading]) -> ProviderFigure:
    if not readings:
        return ProviderFigure(_("Balance"), "—", _("No readings yet"))
    latest = readings[0]
    read = _("as of %(time)s") % {"time": day_and_clock(latest.read_at)}
    total = latest.credits + latest.free_credits
    return ProviderFigure(_("Balance"), dollars(total, places=2), read, dollars(total, places=10))


def _queue() -> list[ProviderFigure]:
    waiting, running, undelivered = counts_of_all_teams()
    waited, ran = age(queue_age.oldest_waiting()), age(queue_age.oldest_running())
    return [
        ProviderFigure(_("Queued"), pictures(waiting), _longest(waited)),
        ProviderFigure(_("Generating"), pictures(running), _longest(ran)),
        *([ProviderFigure(_("Not delivered yet"), pictures(undelivered), _("Charged"))] if undelivered else []),
    ]


def _longest(duration: str) -> str:
    return _("Longest: %(duration)s") % {"duration": duration} if duration else ""

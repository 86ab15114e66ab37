"""The provider account for superusers: balance, pauses, price changes and reconciliation."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from generations import schema
from generations.access import superuser_or_404
from generations.conf import conf
from generations.errors import GalleryError
from generations.models import BalanceReading, PauseCause, ProviderPause, User, UsualPrice
from generations.queries.orders import queue_age
from generations.queries.orders.queue import counts_of_all_teams
from generations.queries.provider import pauses
from generations.queries.spending.prices import changed_prices
from generations.services.provider import manual_pause as account
from generations.services.site.reasons import MAX_REASON_LENGTH
from generations.services.spending import price_alerts
from generations.views.provider import reconciliation_summary
from generations.views.site.formatting import age, dollars, pictures, since, to_the_second
from generations.views.site.requests import reason_of, refused_text, require_post

MAX_PAUSES, MAX_READINGS, MAX_PRICE_CHANGES = 50, 20, 5


@require_safe
def provider_overview(request: HttpRequest) -> HttpResponse:
    superuser_or_404(request)
    known, readings = pauses.pause_history(MAX_PAUSES), pauses.balance_readings(MAX_READINGS)
    context: dict[str, Any] = {
        "open": [_pause(one) for one in known if one.ended_at is None],
        "past": [_pause(one) for one in known if one.ended_at is not None],
        "readings": [_reading(one) for one in readings],
        "numbers": [_balance(readings), *_line()],
        "moved": [_moved(one) for one in changed_prices(MAX_PRICE_CHANGES)],
        "by_hand": any(one.ended_at is None and one.cause == PauseCause.BY_HAND for one in known),
        "host": urlsplit(conf().base_url).netloc,
        "api_version": conf().api_version,
        "longest_reason": MAX_REASON_LENGTH,
        "typed": {verb: refused_text(request, reverse(verb)) for verb in ("pause", "resume", "explain_remainder")},
    } | reconciliation_summary.page()
    return render(request, "provider/account.html", context)


@require_post
def pause(request: HttpRequest) -> HttpResponse:
    actor = superuser_or_404(request)
    try:
        account.pause(actor=actor, reason=reason_of(request))
        pauses.clear_cache()
        messages.success(request, "Paused. What is sent already is finished and kept; everything else waits.")
    except GalleryError as error:
        messages.error(request, error.message)
    return redirect("provider")


@require_post
def resume(request: HttpRequest) -> HttpResponse:
    actor = superuser_or_404(request)
    try:
        ended = account.resume(actor=actor, reason=reason_of(request))
        pauses.clear_cache()
        messages.success(request, "Resumed; what waits goes on." if ended else "Nothing was paused any more.")
    except GalleryError as error:
        messages.error(request, error.message)
    return redirect("provider")


def _pause(one: ProviderPause) -> dict[str, str]:
    return {
        "cause": PauseCause(one.cause).label,
        "reason": one.reason,
        "began": since(one.started_at),
        "began_by": _name(one.started_by),
        "ended": since(one.ended_at) if one.ended_at else "",
        "ended_by": _name(one.ended_by),
        "end_reason": one.end_reason,
        "lasted": age(((one.ended_at or timezone.now()) - one.started_at).total_seconds()),
        "balance": dollars(one.balance),
        "needed": dollars(one.needed),
        "probed": f"{one.probes} time{'' if one.probes == 1 else 's'}" if one.probes else "",
        "next_probe": to_the_second(one.probe_at) if one.probe_at and one.probe_at > timezone.now() else "",
    }


def _name(user: User | None) -> str:
    return user.display_name if user else ""


def _moved(one: UsualPrice) -> dict[str, str]:
    kind = price_alerts.price_key_name(schema.is_known(one.model), (one.size, one.speed))
    return {
        "kind": kind,
        "change": price_alerts.describe_change(one.previous or one.price, one.price),
        "at": since(one.reported_at),
    }


def _reading(one: BalanceReading) -> dict[str, str]:
    return {
        "at": since(one.read_at),
        "credits": dollars(one.credits),
        "free": dollars(one.free_credits),
        "total": dollars(one.credits + one.free_credits),
    }


def _balance(readings: list[BalanceReading]) -> dict[str, str]:
    if not readings:
        return {"label": "Balance", "value": "—", "note": "not read yet"}
    latest = readings[0]
    total = dollars(latest.credits + latest.free_credits)
    return {"label": "Balance", "value": total, "note": f"read {since(latest.read_at)}"}


def _line() -> list[dict[str, str]]:
    waiting, running, undelivered = counts_of_all_teams()
    waited, ran = age(queue_age.oldest_waiting()), age(queue_age.oldest_running())
    return [
        {"label": "Waiting", "value": pictures(waiting), "note": f"the longest for {waited}" if waited else "nothing"},
        {"label": "Being drawn", "value": pictures(running), "note": f"the longest for {ran}" if ran else "nothing"},
        *([{"label": "Not delivered yet", "value": pictures(undelivered), "note": "charged"}] if undelivered else []),
    ]

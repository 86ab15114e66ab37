"""Actions of superusers on discrepancies; each view redirects to the page of the provider."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generations.access import explanation_or_404, reconciliation_or_404, superuser_or_404
from generations.errors import GalleryError, ProviderError
from generations.models import Reconciliation, User, Verdict
from generations.services.provider import discrepancies, reconciliation
from generations.views.site.requests import keep_text, reason_of, require_post

RESULTS = {
    Verdict.AGREES: gettext_lazy("Checked: Segmind's figures match."),
    Verdict.WAITS: gettext_lazy("Checked: there's a difference that Segmind's delay may explain."),
    Verdict.DIFFERS: gettext_lazy("Checked: Segmind's figures differ from the ledger."),
}


@require_post
def check_now(request: HttpRequest) -> HttpResponse:
    actor = superuser_or_404(request)
    typed = request.POST.get("days", "")
    days = int(typed[:3]) if typed.isascii() and typed.isdecimal() else 1
    try:
        run = reconciliation.reconcile(actor=actor, days=days)
    except ProviderError as error:
        messages.error(request, _("The provider couldn't be reached. %(error)s") % {"error": error.full_message})
    else:
        _say(request, run)
    return _back()


@require_post
def explain(request: HttpRequest) -> HttpResponse:
    actor, run = _run(request)

    def act() -> str:
        count = discrepancies.explain(
            actor=actor, run=run, keys=request.POST.getlist("key"), note=request.POST.get("note", "")
        )
        return ngettext("Explained %(count)s difference.", "Explained %(count)s differences.", count) % {"count": count}

    return _done(request, act)


@require_post
def explain_remainder(request: HttpRequest) -> HttpResponse:
    actor, run = _run(request)
    why, seen = (request.POST.get(field, "") for field in ("why", "seen"))

    def act() -> str:
        note = reason_of(request)
        try:
            discrepancies.explain_remainder(actor=actor, run=run, reason=why, note=note, seen=seen)
        except GalleryError:
            keep_text(request, note)
            raise
        return _("Remainder explained.")

    return _done(request, act)


@require_post
def revoke_explanation(request: HttpRequest) -> HttpResponse:
    actor = superuser_or_404(request)
    named = explanation_or_404(request.POST.get("named", ""))

    def act() -> str:
        discrepancies.revoke_explanation(actor=actor, named=named, note=request.POST.get("reason", ""))
        return _("Explanation undone. Both entries stay in the list.")

    return _done(request, act)


@require_post
def post_history_row(request: HttpRequest) -> HttpResponse:
    """Correct charges to the amounts of the history; reconcile again, since the ledger and its figures have changed."""
    actor, run = _run(request)

    def act() -> str:
        count = discrepancies.post_history_row(actor=actor, run=run, keys=request.POST.getlist("key"))
        return ngettext(
            "Corrected %(count)s charge to the amount in the history.",
            "Corrected %(count)s charges to the amounts in the history.",
            count,
        ) % {"count": count}

    answer = _done(request, act)
    try:
        reconciliation.reconcile(actor=actor)
    except ProviderError as error:
        messages.warning(
            request, _("The next reconciliation runs within the hour. %(error)s") % {"error": error.full_message}
        )
    return answer


def _run(request: HttpRequest) -> tuple[User, Reconciliation]:
    actor = superuser_or_404(request)
    return actor, reconciliation_or_404(request.POST.get("run", ""))


def _done(request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except GalleryError as error:
        messages.error(request, error.message)
    return _back()


def _say(request: HttpRequest, run: Reconciliation | None) -> None:
    if run is None:
        messages.info(request, _("First balance reading saved. There's nothing to compare it with yet."))
    else:
        messages.success(request, RESULTS[reconciliation.current_verdict(run)[2]])


def _back() -> HttpResponse:
    return redirect(f"{reverse('provider')}#reconciliation")

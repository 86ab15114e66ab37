"""The setup of a new team: three steps above its gallery, until they are done or an owner skips them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.models import Team, format_amount
from generations.permissions import Verb, allows
from generations.queries.orders.first_picture import first_picture_charge
from generations.queries.spending.limits import lowest_month_limit
from generations.queries.teams.members import has_company
from generations.services.teams import teams_and_users
from generations.views.site.formatting import dollars
from generations.views.site.requests import enter_team, require_post


@dataclass(frozen=True)
class SetupStep:
    """A step, with the button that leads to its page."""

    title: str
    text: str
    button: str
    url: str
    done: bool


@dataclass(frozen=True)
class Setup:
    steps: Sequence[SetupStep]

    @property
    def progress(self) -> str:
        counts = {"done": sum(step.done for step in self.steps), "count": len(self.steps)}
        return _("%(done)s of %(count)s done") % counts


def setup_of(team: Team, role: str | None) -> Setup | None:
    """Return the setup for an owner; None for others, and when all is done or was skipped."""
    if team.setup_ended_at is not None or not allows(role, Verb.OWN):
        return None
    steps = (_provider(team), _people(team), _limit(team))
    if not all(step.done for step in steps):
        return Setup(steps)
    # Without a key the first step is open again as soon as there is one.
    if not conf().emulated:
        teams_and_users.end_setup(team)
    return None


@require_post
def skip_setup(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team, Verb.OWN)
    teams_and_users.skip_setup(actor=user, team=found)
    messages.success(request, _("Setup hidden. People are under Team settings, limits under Credits."))
    return redirect("gallery", found.slug)


def _provider(team: Team) -> SetupStep:
    if conf().emulated:
        guide = reverse("help_page", args=["configuration"])
        text = _("Nothing is charged. Add a Segmind key to generate real ones.")
        return SetupStep(_("Pictures are simulated"), text, _("Add Segmind key"), guide, done=True)
    url = reverse("first_picture", args=[team.slug])
    charge = first_picture_charge(team)
    if charge is None:
        text = _("Generate one picture, and compare the estimate, the charge and the balance.")
        return SetupStep(_("Try your Segmind key"), text, _("Make your first live picture"), url, done=False)
    text = _("Your first live picture cost %(amount)s.") % {"amount": dollars(charge)}
    return SetupStep(_("Your Segmind key works"), text, _("View figures"), url, done=True)


def _people(team: Team) -> SetupStep:
    text = _("Members see the gallery and share a budget.")
    url = reverse("people", args=[team.slug])
    return SetupStep(_("Invite your team"), text, _("Invite people"), url, done=has_company(team))


def _limit(team: Team) -> SetupStep:
    most, url = lowest_month_limit(team, None), reverse("limits", args=[team.slug])
    if most is None:
        text = _("Generation stops when it's reached.")
        return SetupStep(_("Set a monthly limit"), text, _("Set limit"), url, done=False)
    text = _("Generation stops at %(amount)s a month.") % {"amount": format_amount(most)}
    return SetupStep(_("Monthly limit set"), text, _("View limits"), url, done=True)

"""The hint at the generate buttons: above which price a batch needs approval, and who approves it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from generations.models import Team, User
from generations.permissions import Verb, allows
from generations.queries.orders.approvals import decides_alone
from generations.views.site.formatting import dollars


@dataclass(frozen=True)
class ApprovalHint:
    above: str
    text: str


def approval_hint(team: Team, user: User, role: str | None) -> ApprovalHint | None:
    """Return the hint, None when no batch needs approval; the server decides again when the form is sent."""
    above = team.approval_above
    if above is None:
        return None
    if not allows(role, Verb.REVIEW):
        text = _("Requests over %(amount)s need a manager's approval. Nothing is charged until then.")
    elif decides_alone(user, team):
        text = _(
            "Requests over %(amount)s need approval; as the only manager, you can approve your own. Nothing is charged "
            "until then."
        )
    else:
        text = _("Requests over %(amount)s need another manager's approval. Nothing is charged until then.")
    return ApprovalHint(str(above), text % {"amount": dollars(above, places=2)})

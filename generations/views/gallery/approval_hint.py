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
        hint = _("Orders over %(limit)s need a manager's approval. Nothing is charged until then.")
    elif decides_alone(user, team):
        hint = _(
            "Orders over %(limit)s need approval. You can approve them yourself because you're the only manager. "
            "Nothing is charged until then."
        )
    else:
        hint = _("Orders over %(limit)s need another manager's approval. Nothing is charged until then.")
    return ApprovalHint(str(above), hint % {"limit": dollars(above, places=2)})

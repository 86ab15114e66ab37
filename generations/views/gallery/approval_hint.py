"""The hint at the generate buttons: above which price a batch needs approval, and who approves it."""

from dataclasses import dataclass

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
        waits = "waits for a manager"
    elif decides_alone(user, team):
        waits = "waits until you approve it yourself, for nobody else here may"
    else:
        waits = "waits for another manager"
    hint = f"Above {dollars(above, places=2)} an order {waits}; nothing is charged before that."
    return ApprovalHint(str(above), hint)

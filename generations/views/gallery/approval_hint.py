"""The hint at the generate buttons: above which price a batch needs approval, and who approves it."""

from typing import Any

from generations.models import Team, User
from generations.permissions import Verb, allows
from generations.queries.orders.approvals import decides_alone
from generations.views.site.formatting import dollars


def approval_hint(team: Team, user: User, role: str | None) -> dict[str, Any]:
    """Return both texts, empty when no batch needs approval; the server decides again when the form is sent."""
    above = team.approval_above
    if above is None:
        return {"above": "", "asks_hint": ""}
    if not allows(role, Verb.REVIEW):
        waits = "waits for a manager"
    elif decides_alone(user, team):
        waits = "waits until you approve it yourself, for nobody else here may"
    else:
        waits = "waits for another manager"
    hint = f"Above {dollars(above, places=2)} an order {waits}; nothing is charged before that."
    return {"above": str(above), "asks_hint": hint}

"""Rows of spending limits and signed months: who sees and who sets them."""

from tests.authorisation.policies import MANAGES, NOT_THERE, OK, OWNS, team_only
from tests.authorisation.row import POST, Row, each, form

STRANGERS = NOT_THERE | {"stranger": OK}
# Set by superusers, who are in no team here.
NOBODY_OF_THE_TEAM = team_only(403, 403, 403, 403)
SET = {"team limit": OWNS, "team person_limit": OWNS, "team shelf_limit": OWNS, "team site_limit": NOBODY_OF_THE_TEAM}
# The address of another team leads neither to the limit nor to the page.
MISPLACED = {
    "island limit": NOT_THERE, "team island_limit": team_only(403, 403, 404, 404), "island island_limit": STRANGERS,
}  # fmt: skip
LIMITS = [
    Row("limits", "team", MANAGES),
    Row("limits", "island", STRANGERS),
    form("limits", "team", OWNS, of="team", span="day", hard="5"),
    form("limits", "team", OWNS, of="person", whose="@member", span="day", hard="5"),
    form("limits", "team", OWNS, of="collection", whose="@collection", span="day", hard="5"),
    # Not of this team, so nobody may choose it.
    form("limits", "team", MANAGES, ok=422, of="person", whose="@stranger", span="day", hard="5"),
    form("limits", "team", MANAGES, ok=422, of="collection", whose="@island_collection", span="day", hard="5"),
    form("limits", "team", NOBODY_OF_THE_TEAM, of="team", span="day", hard="5", by_site="on"),
    *each("change_limit", SET | MISPLACED, POST, hard="400"),
    *each("remove_limit", SET | MISPLACED, POST),
    form("approval_limit", "team", OWNS, above="2"),
    form("quotas", "team", OWNS, in_flight="20", per_minute="10"),
    form("quotas", "island", STRANGERS, in_flight="20"),
    Row("sign_offs", "team", MANAGES),
    *each("sign_off", {"team signed_month": MANAGES, "team this_month": MANAGES, "team open_month": MANAGES,
                       "island signed_month": STRANGERS}),
    *each("sign_off", dict.fromkeys(("team 2026-13", "team 2026-1", "team words"), team_only(403, 403, 404, 404))),
    # Signed already; still running; one that may be signed.
    form("sign_off", "team signed_month", MANAGES, ok=409, note="words"),
    form("sign_off", "team this_month", MANAGES, ok=409, note="words"),
    form("sign_off", "team open_month", MANAGES, note="words"),
    form("sign_off", "island signed_month", STRANGERS, ok=409, note="words"),
    Row("sign_off_csv", "team signed_month", MANAGES),
    Row("sign_off_csv", "team open_month", team_only(403, 403, 404, 404)),
    Row("sign_off_csv", "island signed_month", team_only(404, 404, 404, 404)),
]  # fmt: skip

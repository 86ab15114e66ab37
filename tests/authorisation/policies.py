"""Policies: the answer to each of nine users. `OK` is the answer of the row, everything else is a refusal.

They are written down, not computed: nothing of the site is imported here.
"""

from typing import Any

from tests.authorisation.world import MEMBERS, OUTSIDERS, SIGNED_OUT

OK, LOGIN = "ok", "login"
Policy = dict[str, Any]


def team_only(viewer: Any, member: Any, manager: Any, owner: Any) -> Policy:
    """Return a policy in which others do not learn that the thing exists."""
    outside = dict.fromkeys(OUTSIDERS, 404) | dict.fromkeys(SIGNED_OUT, LOGIN)
    return outside | {"viewer": viewer, "member": member, "manager": manager, "owner": owner}


EVERYBODY = dict.fromkeys((*OUTSIDERS, *MEMBERS), OK)
NOBODY = dict.fromkeys((*OUTSIDERS, *MEMBERS), 404)
SIGNED_IN = EVERYBODY | dict.fromkeys(SIGNED_OUT, LOGIN)
RUNS_SITE = NOBODY | dict.fromkeys(SIGNED_OUT, LOGIN) | {"superuser": OK}
MAKES_TEAMS = dict.fromkeys((*OUTSIDERS, *MEMBERS), 403) | dict.fromkeys(SIGNED_OUT, LOGIN) | {"superuser": OK}
# Django's admin redirects everybody else to its own sign-in page, whatever the address.
ADMIN = dict.fromkeys((*OUTSIDERS, *MEMBERS), LOGIN) | {"superuser": OK}
ADMIN_MAY_NOT = ADMIN | {"superuser": 403}

SEES = team_only(OK, OK, OK, OK)
MAKES = team_only(403, OK, OK, OK)
MANAGES = team_only(403, 403, OK, OK)
OWNS = team_only(403, 403, 403, OK)
# A private picture of a user who is not one of the nine: only managers see it.
SEES_PRIVATE = team_only(404, 404, OK, OK)
# A private picture of the member.
SEES_MEMBERS_PRIVATE = team_only(404, OK, OK, OK)
NOT_THERE = team_only(404, 404, 404, 404)

"""Members and open invitations as rows of the list of people."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from generations.models import Invitation, Membership, Role, User
from generations.views.site.formatting import date_text
from generations.views.site.pickers import Choice, choices


@dataclass(frozen=True)
class MemberRow:
    """A member; `roles` are those that the viewer may give them."""

    id: int
    name: str
    email: str
    initials: str
    role: str
    joined: str
    me: bool
    roles: list[Choice]
    removes: bool


@dataclass(frozen=True)
class InvitationRow:
    id: uuid.UUID
    email: str
    role: str
    by: str
    expired: bool
    until: str
    changes: bool


def member_row(row: Membership, viewer: User, roles: list[Role]) -> MemberRow:
    me = row.user_id == viewer.pk
    changes = row.role in roles
    return MemberRow(
        id=row.user_id,
        name=row.user.display_name,
        email=row.user.email,
        initials=row.user.initials,
        role=row.get_role_display(),
        joined=_day(row.joined_at),
        me=me,
        roles=choices(((one.value, one.label) for one in roles), row.role) if changes else [],
        removes=changes and not me,
    )


def invitation_row(one: Invitation, roles: list[Role]) -> InvitationRow:
    return InvitationRow(
        id=one.pk,
        email=one.email,
        role=one.get_role_display(),
        by=one.invited_by.display_name if one.invited_by else "",
        expired=one.expires_at <= timezone.now(),
        until=_day(one.expires_at),
        changes=one.role in roles,
    )


def _day(moment: datetime) -> str:
    """Return the day as it reads inside a sentence."""
    day = timezone.localdate(moment)
    known = {0: _("today"), 1: _("yesterday"), -1: _("tomorrow")}
    return known.get((timezone.localdate() - day).days) or date_text(day)

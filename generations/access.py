"""Object lookups and permission checks for views.

404 if the user cannot see the object, 403 if they lack the permission.
"""

import uuid
from collections.abc import Sequence

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generations.models import (
    ApprovalRequest,
    Attempt,
    Budget,
    Collection,
    Comment,
    DiscrepancyExplanation,
    Generation,
    Invitation,
    Membership,
    Notification,
    Preset,
    Reconciliation,
    Report,
    SavedSearch,
    ShareLink,
    Tag,
    Team,
    User,
    parse_uuid,
)
from generations.permissions import Verb, allows, may_edit, role_of
from generations.queries.accounts.two_factor import passkeys_of
from generations.queries.activity.comments import comments_seen_by
from generations.queries.activity.notifications import visible_notifications, with_activity
from generations.queries.gallery.presets import presets
from generations.queries.gallery.saved_searches import saved_searches
from generations.queries.orders.approvals import approval_requests
from generations.queries.sharing.reports import reports_of
from generations.queries.sharing.share_links import NOT_ENDED, links_seen_by, resolve_link, visible_generations

NOT_ALLOWED = gettext_lazy("Your role in this team doesn't allow this. Ask a team owner to change it.")


def current_user(request: HttpRequest) -> User:
    """Return the signed-in user. Raises PermissionDenied without one, although views require sign-in by default."""
    if not isinstance(request.user, User):
        raise PermissionDenied(_("Sign in first."))
    return request.user


def team_or_404(user: User, slug: str) -> Team:
    return get_object_or_404(Team.objects.visible_to(user), slug=slug)


def generation_or_404(user: User, generation_id: uuid.UUID) -> Generation:
    """Return a picture that the user can see, also a deleted one: its page offers to restore it."""
    rows = Generation.objects.visible_to(user).select_related("team", "author", "image")
    return get_object_or_404(rows, id=generation_id)


def attempt_or_404(user: User, slug: str, generation_id: uuid.UUID, number: int) -> Attempt:
    """Return an attempt of a picture that the user can see; reviewers of spending also see those of purged pictures.

    By picture and number: files are named by the id of the attempt, and no address reveals where a file is.
    """
    team = team_or_404(user, slug)
    seen = Q(generation__in=Generation.objects.visible_to(user).values("id"))
    if allows(role_of(user, team), Verb.REVIEW):
        seen |= Q(generation__purged_at__isnull=False)
    rows = Attempt.objects.filter(seen, generation__team=team).select_related("generation", "generation__author")
    return get_object_or_404(rows, generation=generation_id, number=number)


def require(user: User, team: Team, verb: Verb) -> None:
    if not allows(role_of(user, team), verb):
        raise PermissionDenied(NOT_ALLOWED)


def editable_or_403(user: User, generation_id: uuid.UUID) -> Generation:
    generation = generation_or_404(user, generation_id)
    if not may_edit(role_of(user, generation.team), user, generation):
        raise PermissionDenied(NOT_ALLOWED)
    return generation


def collection_or_404(user: User, slug: str, collection_id: uuid.UUID) -> Collection:
    """Return a collection of the user's teams; which of its pictures they can see is checked separately."""
    rows = Collection.objects.select_related("team").filter(team__in=Team.objects.visible_to(user))
    return get_object_or_404(rows, team__slug=slug, id=collection_id)


def selected_or_404(user: User, team: Team, ids: Sequence[uuid.UUID]) -> list[Generation]:
    """Return these pictures as the user can see them, sorted like the ids; 404 if a single one is missing."""
    rows = Generation.objects.visible_to(user).of_team(team).shown().select_related("team", "image").in_bulk(list(ids))
    missing = len(ids) - len(rows)
    if missing:
        sentence = ngettext(
            "%(count)s of the %(total)s pictures no longer exists. Nothing was changed; reload the page and try again.",
            "%(count)s of the %(total)s pictures no longer exist. Nothing was changed; reload the page and try again.",
            missing,
        )
        raise Http404(sentence % {"count": missing, "total": len(ids)})
    return [rows[id_] for id_ in ids]


def pair_or_404(user: User, team: Team, ids: Sequence[uuid.UUID]) -> list[Generation]:
    """Return two different finished pictures to compare, sorted like the ids."""
    rows = Generation.objects.visible_to(user).of_team(team).shown().filter(image__isnull=False)
    found = rows.select_related("team", "author", "image").prefetch_related("attempts").in_bulk(list(ids))
    if len(found) != 2:
        raise Http404(
            _("Select two finished pictures from this team to compare. One of these pictures no longer exists.")
        )
    return [found[id_] for id_ in ids]


def saved_or_404(user: User, slug: str, saved_id: int) -> SavedSearch:
    team = team_or_404(user, slug)
    return get_object_or_404(saved_searches(team, user), pk=saved_id)


def preset_or_404(user: User, slug: str, preset_id: int) -> Preset:
    team = team_or_404(user, slug)
    return get_object_or_404(presets(team, user), pk=preset_id)


def tag_or_404(user: User, slug: str, tag_id: int) -> Tag:
    team = team_or_404(user, slug)
    found = get_object_or_404(Tag, team=team, id=tag_id)
    require(user, team, Verb.MERGE_TAGS)
    return found


def approval_request_or_404(user: User, team: Team, request_id: uuid.UUID) -> ApprovalRequest:
    return get_object_or_404(approval_requests(team, user, role_of(user, team)), pk=request_id)


def comment_or_404(user: User, generation_id: uuid.UUID, comment_id: uuid.UUID) -> Comment:
    return get_object_or_404(comments_seen_by(user), id=comment_id, generation=generation_id)


def notification_or_404(user: User, notification_id: uuid.UUID) -> Notification:
    return get_object_or_404(with_activity(visible_notifications(user)), id=notification_id)


def passkey_or_404(user: User, passkey_id: int) -> Authenticator:
    return get_object_or_404(passkeys_of(user), pk=passkey_id)


def invitation_or_404(team: Team, invitation_id: uuid.UUID) -> Invitation:
    return get_object_or_404(Invitation.objects.select_related("team"), team=team, pk=invitation_id)


def membership_or_404(team: Team, user_id: int) -> Membership:
    return get_object_or_404(Membership.objects.select_related("team", "user"), team=team, user__id=user_id)


def limit_or_404(team: Team, limit_id: int) -> Budget:
    return get_object_or_404(Budget.objects.select_related("team"), team=team, pk=limit_id)


def reconciliation_or_404(run_id: str) -> Reconciliation:
    return get_object_or_404(Reconciliation, id=parse_uuid(run_id))


def explanation_or_404(named_id: str) -> DiscrepancyExplanation:
    return get_object_or_404(DiscrepancyExplanation, id=parse_uuid(named_id))


def require_editable(user: User, team: Team, rows: Sequence[Generation]) -> None:
    role = role_of(user, team)
    foreign = sum(not may_edit(role, user, row) for row in rows)
    if foreign:
        many = ngettext(
            "%(count)s of these %(total)s pictures isn't yours; you can only change your own. Nothing was changed.",
            "%(count)s of these %(total)s pictures aren't yours; you can only change your own. Nothing was changed.",
            foreign,
        ) % {"count": foreign, "total": len(rows)}
        raise PermissionDenied(many if len(rows) > 1 else NOT_ALLOWED)


def superuser_or_404(request: HttpRequest) -> User:
    """Return the signed-in superuser; 404 for all others, so that they do not learn of the page."""
    user = current_user(request)
    if not user.is_superuser:
        raise Http404
    return user


def last_team(user: User) -> Team | None:
    """Return the team used last, else the one joined first; None without a team."""
    recent = user.memberships.select_related("team").order_by(F("last_used_at").desc(nulls_last=True), "id")
    member = recent.first()
    return member.team if member else None


def report_or_404(team: Team, report_id: uuid.UUID) -> Report:
    return get_object_or_404(reports_of(team), pk=report_id)


def own_link_or_404(user: User, slug: str, link_id: uuid.UUID) -> ShareLink:
    """Return a link that the user created and that has not been revoked or expired."""
    team = team_or_404(user, slug)
    rows = links_seen_by(user, team).filter(NOT_ENDED, creator=user).select_related("team")
    return get_object_or_404(rows, id=link_id)


def link_or_404(token: str) -> ShareLink:
    """Return a share link; an expired or revoked one is 404 like one that never existed."""
    link = resolve_link(token)
    if link is None:
        raise Http404
    return link


def shared_or_404(link: ShareLink, generation_id: uuid.UUID) -> Generation:
    return get_object_or_404(visible_generations(link), id=generation_id)

"""The first line of every view: what she may see, else 404; what she may do, else 403."""

import uuid

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from generations.models import Collection, Generation, ShareLink, Team, User
from generations.permissions import Verb, allows, may_edit, role_of
from generations.queries.sharing import link_of, rows_of

NO = "Your role in this team does not allow this. Ask an owner of the team to change it."


def person(request: HttpRequest) -> User:
    """The signed-in user; every view is behind sign-in unless it says otherwise."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user


def team_or_404(user: User, slug: str) -> Team:
    return get_object_or_404(Team.objects.visible_to(user), slug=slug)


def generation_or_404(user: User, generation_id: uuid.UUID) -> Generation:
    """Also what lies in the trash: its page offers to restore it."""
    rows = Generation.objects.visible_to(user).select_related("team", "author", "image")
    return get_object_or_404(rows, id=generation_id)


def require(user: User, team: Team, verb: Verb) -> None:
    if not allows(role_of(user, team), verb):
        raise PermissionDenied(NO)


def editable_or_403(user: User, generation_id: uuid.UUID) -> Generation:
    generation = generation_or_404(user, generation_id)
    if not may_edit(role_of(user, generation.team), user, generation):
        raise PermissionDenied(NO)
    return generation


def superuser_or_404(request: HttpRequest) -> User:
    """Whoever runs the site; to all others its pages are not there."""
    user = person(request)
    if not user.is_superuser:
        raise Http404
    return user


def last_team(user: User) -> Team | None:
    """The team used last; of teams that were never opened, the one joined first."""
    recent = user.memberships.select_related("team").order_by(F("last_used_at").desc(nulls_last=True), "id")
    member = recent.first()
    return member.team if member else None


def last_team_or_404(user: User) -> Team:
    team = last_team(user)
    if team is None:
        raise Http404("You are in no team yet. Ask an owner to add you.")
    return team


def collection_or_404(user: User, team: Team, collection_id: uuid.UUID) -> Collection:
    rows = Collection.objects.filter(team__in=Team.objects.visible_to(user)).select_related("cover__image")
    return get_object_or_404(rows, team=team, id=collection_id)


def link_or_404(token: str) -> ShareLink:
    """What nobody may open any more answers as what never was."""
    link = link_of(token)
    if link is None:
        raise Http404
    return link


def shared_or_404(link: ShareLink, generation_id: uuid.UUID) -> Generation:
    return get_object_or_404(rows_of(link), id=generation_id)

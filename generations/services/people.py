"""Making people and teams."""

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify

from generations.models import Deed, Membership, Role, Team, User
from generations.services import audit, rate_limits

A_MINUTE = timedelta(minutes=1)


@transaction.atomic
def create_user(
    *, email: str, password: str, team_name: str, role: str = Role.MEMBER, name: str = "", check_password: bool = True
) -> User:
    """A person in a team; the team is made when there is none of this name.

    Raises ValidationError when the password is too weak, IntegrityError when the e-mail is taken.
    """
    if check_password:
        validate_password(password, User(email=email, name=name))
    user = User.objects.create_user(email, password, name=name)
    Membership.objects.create(user=user, team=get_or_create_team(name=team_name), role=role)
    return user


def get_or_create_team(*, name: str) -> Team:
    existing = Team.objects.filter(name=name).first()
    return existing or Team.objects.create(name=name, slug=_free_slug(name))


@transaction.atomic
def create_team(*, actor: User | None, name: str) -> Team:
    """A new one, also beside another of the same name; whoever makes it owns it."""
    if actor is not None:
        rate_limits.take("team", user=actor)
    team = Team.objects.create(name=name, slug=_free_slug(name), demo=actor is not None and actor.demo)
    if actor is not None:
        Membership.objects.create(user=actor, team=team, role=Role.OWNER)
    audit.note(Deed.MADE_TEAM, actor=actor, subject=team, team=team)
    return team


@transaction.atomic
def set_up_team(*, actor: User, team: Team, name: str, default_visibility: str) -> None:
    """The address stays: links to the team are all over."""
    Team.objects.filter(pk=team.pk).update(name=name, default_visibility=default_visibility)
    audit.note(Deed.SET_UP_TEAM, actor=actor, subject=team, team=team, detail=f"new pictures: {default_visibility}")


def note_use(*, user: User, team: Team) -> None:
    """`/` opens the team a person used last; noted once a minute, so that looking around does not write."""
    recent = Membership.objects.filter(user=user, last_used_at__gt=timezone.now() - A_MINUTE).order_by("-last_used_at")
    latest = recent.first()
    if latest is None or latest.team_id != team.pk:
        Membership.objects.filter(user=user, team=team).update(last_used_at=Now())


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "team"
    taken = set(Team.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in [base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))] if slug not in taken)

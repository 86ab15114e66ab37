"""Making people and teams."""

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify

from generations.conf import conf
from generations.errors import NotAllowed
from generations.models import AuditAction, Budget, Membership, Role, Span, Team, User
from generations.permissions import may_create_team
from generations.services.site import audit, rate_limits

LAST_USED_RESOLUTION = timedelta(minutes=1)


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


def has_superuser() -> bool:
    """Return whether the site has a superuser who can sign in."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()


@transaction.atomic
def get_or_create_team(*, name: str, limited: bool = True) -> Team:
    """A team that is made here starts with the limit of every new team, unless it is not to be `limited`."""
    existing = Team.objects.filter(name=name).first()
    return existing or _new_team(name, limited=limited)


def require_may_create_team(actor: User) -> None:
    """Raises NotAllowed."""
    if may_create_team(actor):
        return
    if conf().everybody_makes_teams:
        raise NotAllowed("You can make a team once you may order pictures in another one. Ask an owner of your team.")
    raise NotAllowed("New teams are made by the people who run this site. Ask them for one.")


@transaction.atomic
def create_team(*, actor: User | None, name: str) -> Team:
    """A new one, also beside another of the same name; who makes it owns it. Without an actor it is made from the
    command line. Raises NotAllowed.
    """
    if actor is not None:
        require_may_create_team(actor)
        rate_limits.acquire("team", user=actor)
    team = _new_team(name, demo=actor is not None and actor.demo)
    if actor is not None:
        Membership.objects.create(user=actor, team=team, role=Role.OWNER)
    audit.record_event(AuditAction.MADE_TEAM, actor=actor, subject=team, team=team)
    return team


@transaction.atomic
def change_team(*, actor: User, team: Team, name: str, default_visibility: str) -> None:
    """The address stays: links to the team are all over."""
    Team.objects.filter(pk=team.pk).update(name=name, default_visibility=default_visibility)
    audit.record_event(
        AuditAction.SET_UP_TEAM, actor=actor, subject=team, team=team, detail=f"new pictures: {default_visibility}"
    )


def record_use(*, user: User, team: Team) -> None:
    """`/` opens the team a person used last; noted once a minute, so that looking around does not write."""
    recent = Membership.objects.filter(user=user, last_used_at__gt=timezone.now() - LAST_USED_RESOLUTION).order_by(
        "-last_used_at"
    )
    latest = recent.first()
    if latest is None or latest.team_id != team.pk:
        Membership.objects.filter(user=user, team=team).update(last_used_at=Now())


def limit_new_team(team: Team) -> None:
    """The limit every new team starts with. It is the site's: who makes a team cannot raise it. Left out where the site
    has set one for the team's month already.
    """
    most = conf().new_team_monthly_limit
    if most is not None:
        whole = {"team": team, "person": None, "collection": None, "span": Span.MONTH, "by_site": True}
        Budget.objects.get_or_create(**whole, defaults={"hard": most, "set_at": Now()})


def _new_team(name: str, *, limited: bool = True, demo: bool = False) -> Team:
    team = Team.objects.create(name=name, slug=_free_slug(name), demo=demo)
    if limited:
        limit_new_team(team)
    return team


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "team"
    taken = set(Team.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in [base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))] if slug not in taken)

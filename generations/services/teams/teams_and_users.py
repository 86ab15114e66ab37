"""Create users and teams, and change teams."""

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.errors import NotAllowed
from generations.folding import fold
from generations.models import AuditAction, Budget, Membership, Role, Span, Team, User
from generations.permissions import Verb, may_create_team, require_verb
from generations.services.site import audit, rate_limits

LAST_USED_RESOLUTION = timedelta(minutes=1)
# A gallery that nobody opened for so long is visited anew.
VISIT_GAP = timedelta(minutes=30)
# Slugs in a sentence.
MAX_LISTED = 10


@transaction.atomic
def create_user(
    *, email: str, password: str, team_name: str, role: str = Role.MEMBER, name: str = "", check_password: bool = True
) -> User:
    """Create a user in a team; the team is created if there is none of this slug or name.

    Raises ValidationError when the password is too weak, IntegrityError when the email is taken.
    """
    if check_password:
        validate_password(password, User(email=email, name=name))
    user = User.objects.create_user(email, password, name=name)
    team = Team.objects.filter(slug=team_name).first() or get_or_create_team(name=team_name)
    Membership.objects.create(user=user, team=team, role=role)
    return user


def find_team(word: str, among: QuerySet[Team] | None = None) -> Team:
    """Return the team with this slug or, when there is none, with this name, best as it is written.

    Raises LookupError, with a sentence that lists the slugs there are, when no team or several have the name.
    """
    all_teams = Team.objects.all() if among is None else among
    ways = ({"slug": word}, {"name": word}, {"folded_name": fold(word)})
    found = next((teams for way in ways if (teams := list(all_teams.filter(**way)))), [])
    if len(found) == 1:
        return found[0]
    problem = f"{len(found)} teams are called {word!r}" if found else f"There is no team {word!r}"
    slugs = [team.slug for team in found or all_teams.order_by("id")[:MAX_LISTED]]
    raise LookupError(f"{problem}; there are: {', '.join(slugs) or 'none yet, see create_team'}.")


def has_superuser() -> bool:
    """Return whether the site has a superuser who can sign in."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()


@transaction.atomic
def get_or_create_team(*, name: str, limited: bool = True) -> Team:
    """Return the team of this name; a new one gets the limit of new teams, unless `limited` is False."""
    existing = Team.objects.filter(name=name).first()
    return existing or _new_team(name, limited=limited)


def require_may_create_team(actor: User) -> None:
    """Reject users who may not create a team. Raises NotAllowed."""
    if may_create_team(actor):
        return
    if conf().everybody_makes_teams:
        raise NotAllowed(
            _("You can create a team once you can generate pictures in another one. Ask an owner of your team.")
        )
    raise NotAllowed(_("Only site admins can create teams. Ask one of them."))


@transaction.atomic
def create_team(*, actor: User | None, name: str) -> Team:
    """Create a team, also if another has the same name; the actor becomes its owner.

    An actor of None is the command line. Raises NotAllowed and TooManyRequests.
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
def change_team(
    *, actor: User, team: Team, name: str, default_visibility: str, cost_centre: str, cost_centre_required: bool
) -> None:
    """Change the settings; the slug stays, because links to the team would break, and pictures keep what they have."""
    Team.objects.filter(pk=team.pk).update(
        name=name, default_visibility=default_visibility, cost_centre=cost_centre,
        cost_centre_required=cost_centre_required,
    )  # fmt: skip
    required = "required" if cost_centre_required else "optional"
    audit.record_event(
        AuditAction.SET_UP_TEAM,
        actor=actor,
        subject=team,
        team=team,
        detail=f"new pictures: {default_visibility}, cost centre: {'set' if cost_centre else 'none'}, {required}",
    )


def skip_setup(*, actor: User, team: Team) -> None:
    """Hide the setup of a new team for all of its owners. Raises NotAllowed for others."""
    require_verb(actor, team, Verb.OWN)
    end_setup(team)


def end_setup(team: Team) -> None:
    """Record that the setup is over, which saves the gallery of asking for its steps again."""
    Team.objects.filter(pk=team.pk, setup_ended_at=None).update(setup_ended_at=Now())


def record_use(*, user: User, team: Team) -> datetime | None:
    """Record the team that `/` opens next, and return when the user's visit before this one ended.

    Writes at most once a minute for the same team, so that browsing does not.
    """
    latest_first = Membership.objects.filter(user=user).order_by(F("last_used_at").desc(nulls_last=True), "id")
    memberships = list(latest_first)
    here = next((one for one in memberships if one.team_id == team.pk), None)
    if here is None:
        return None
    now, last = timezone.now(), here.last_used_at
    if here == memberships[0] and last and now - last < LAST_USED_RESOLUTION:
        return here.previous_visit_at
    previous = last if last and now - last > VISIT_GAP else here.previous_visit_at
    Membership.objects.filter(pk=here.pk).update(last_used_at=Now(), previous_visit_at=previous)
    return previous


def limit_new_team(team: Team) -> None:
    """Give the team the site's monthly limit for new teams, which its owner cannot raise.

    Nothing changes where the site has set a monthly limit for the team already, or sets none for new teams.
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

from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generations.conf import conf
from generations.models.folded import FoldedField, FoldedQuerySet

if TYPE_CHECKING:
    from generations.models.users import User


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    MEMBER = "member", _("Member")
    MANAGER = "manager", _("Manager")
    OWNER = "owner", _("Owner")


# Characters.
MAX_COST_CENTRE_LENGTH = 60
# Roles that see private pictures of a team.
MANAGERS = [Role.MANAGER, Role.OWNER]


class Visibility(models.TextChoices):
    """Who in the team sees a picture: its author and managers, or everyone."""

    PRIVATE = "private", _("Private")
    TEAM = "team", _("Team")


class TeamQuerySet(FoldedQuerySet["Team"]):
    def visible_to(self, user: "User") -> "TeamQuerySet":
        return self.filter(memberships__user=user)

    def closed(self) -> "TeamQuerySet":
        """Return the demo's teams once pictures cost money: closed for generating, left out of sums over all teams."""
        return self.none() if conf().emulated else self.filter(demo=True)


class Team(models.Model):
    """The people who share a gallery and a budget; everything belongs to exactly one team."""

    name = models.CharField(max_length=80)
    folded_name = FoldedField("name")
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Of a new picture, unless its author chooses another one.
    default_visibility = models.CharField(
        max_length=8, choices=Visibility.choices, default=Visibility.TEAM, db_default=Visibility.TEAM
    )
    # Whether downloaded and shared copies contain prompt and parameters beside "AI-generated".
    prompt_in_downloads = models.BooleanField(default=False, db_default=False)
    prompt_in_shared_copies = models.BooleanField(default=False, db_default=False)
    # Of new pictures whose collection has none; empty: none. When it is required, none is generated without.
    cost_centre = models.CharField(max_length=MAX_COST_CENTRE_LENGTH, blank=True, default="", db_default="")
    cost_centre_required = models.BooleanField(default=False, db_default=False)
    # US dollars; requests that are expected to cost more wait for a manager. Null: none does.
    approval_above = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    # Created by the demo, or by one of its users: its spending was never real money.
    demo = models.BooleanField(default=False, db_default=False, editable=False)
    # How many pictures one person may have queued or running at the same time, and request within a minute. Null: the
    # site's own limits.
    person_in_flight = models.PositiveSmallIntegerField(null=True, blank=True)
    person_per_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    # When all steps of the setup of the new team were done, or an owner skipped it.
    setup_ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="teams")

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["folded_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(default_visibility__in=Visibility.values), name="team_visibility_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(approval_above__isnull=True) | models.Q(approval_above__gte=0),
                name="team_approval_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(person_in_flight__isnull=True) | models.Q(person_in_flight__gte=1),
                name="team_in_flight_is_one_or_more",
            ),
            models.CheckConstraint(
                condition=models.Q(person_per_minute__isnull=True) | models.Q(person_per_minute__gte=1),
                name="team_per_minute_is_one_or_more",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_closed(self) -> bool:
        return self.demo and not conf().emulated

    def asks_for(self, price: Decimal) -> bool:
        """Return whether a request that is expected to cost this needs an approval."""
        return self.approval_above is not None and price > self.approval_above


class Membership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)
    # Decides which team `/` opens; null until the user first opened this one.
    last_used_at = models.DateTimeField(null=True, blank=True)
    # When the visit before the present one ended: what is younger is new. Null until the second visit.
    previous_visit_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once_per_team"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        words = {"user": self.user, "team": self.team, "role": self.get_role_display()}
        return gettext("%(user)s in %(team)s (%(role)s)") % words

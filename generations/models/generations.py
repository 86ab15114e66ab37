import uuid
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generations.models.folded import FoldedField, FoldedQuerySet
from generations.models.former import keep_number
from generations.models.ids import uuid7, uuid7_time
from generations.models.teams import MANAGERS, MAX_COST_CENTRE_LENGTH, Membership, Team, Visibility

if TYPE_CHECKING:
    from datetime import datetime

    from generations.models.users import User


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Generating")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Outcome unknown")
    CANCELLED = "cancelled", _("Cancelled")


# A deleted picture can be restored for this long.
TRASH_DAYS = 30
# Every legal change of state; each is one conditional UPDATE that names both states.
MOVES: frozenset[tuple[State, State]] = frozenset(
    {
        (State.QUEUED, State.RUNNING),
        (State.QUEUED, State.CANCELLED),
        (State.RUNNING, State.QUEUED),
        (State.RUNNING, State.DONE),
        (State.RUNNING, State.FAILED),
        (State.RUNNING, State.UNKNOWN),
        (State.UNKNOWN, State.DONE),
        (State.UNKNOWN, State.FAILED),
        (State.UNKNOWN, State.QUEUED),
        # Its answer came late, and the file has to be downloaded.
        (State.UNKNOWN, State.RUNNING),
        # An accepted second try is withdrawn, by a user or because the first picture came late.
        (State.QUEUED, State.UNKNOWN),
        # A picture that was given up as lost arrived after all.
        (State.FAILED, State.DONE),
    }
)


class GenerationQuerySet(FoldedQuerySet["Generation"]):
    def visible_to(self, user: "User") -> "GenerationQuerySet":
        """Return rows of the user's teams; of private and hidden ones their own, and those of the teams they manage."""
        return self.seen_by_member(user).filter(team__in=Membership.objects.filter(user=user).values("team"))

    def seen_by_member(self, user: "User") -> "GenerationQuerySet":
        """Leave out what is private or hidden; for rows that are known to be of a team of the user."""
        managed = Membership.objects.filter(user=user, role__in=MANAGERS)
        seen = Q(visibility=Visibility.TEAM, hidden_at=None) | Q(author=user) | Q(team__in=managed.values("team"))
        return self.filter(seen, purged_at=None)

    def of_team(self, team: Team) -> "GenerationQuerySet":
        return self.filter(team=team)

    def shown(self) -> "GenerationQuerySet":
        return self.filter(deleted_at=None)

    def in_trash(self) -> "GenerationQuerySet":
        return self.filter(deleted_at__isnull=False, purged_at=None).exclude(state=State.CANCELLED)

    def waiting(self) -> "GenerationQuerySet":
        """Return queued and running rows; the second condition means the same and matches the partial indexes."""
        return self.filter(state__in=[State.QUEUED, State.RUNNING], finished_at=None)


class Generation(models.Model):
    """One requested picture: its parameters, its state, later its image.

    queued → running → done | failed | unknown; queued → cancelled; running → queued when certainly not billed; unknown
    → done | failed | queued, and back from queued when a second try is not needed; unknown → running when its late
    answer links to a file; failed → done when a picture that was given up as lost arrives. `MOVES` is this graph as
    data. A lease is held exactly while running.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="generations", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, keep_number, null=True, related_name="generations", db_index=False
    )
    # The number of the account, when it is deleted.
    former_author = models.BigIntegerField(null=True, editable=False)
    batch = models.UUIDField(default=uuid.uuid4)
    position = models.PositiveSmallIntegerField(default=0)
    client_key = models.UUIDField(null=True, blank=True)

    visibility = models.CharField(
        max_length=8, choices=Visibility.choices, default=Visibility.TEAM, db_default=Visibility.TEAM
    )

    model = models.CharField(max_length=100)
    parameters = models.JSONField()
    prompt = models.TextField()
    # What the words of a search are looked for in. Purged with the prompt.
    folded_prompt = FoldedField("prompt")
    # Short names of the options in the roles size and speed, for the filters of lists.
    size = models.CharField(max_length=40, blank=True)
    speed = models.CharField(max_length=40, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    seed = models.BigIntegerField(null=True)
    seed_locked = models.BooleanField(default=False)

    # The collection it was generated for, whose limit counts it whatever collection it is put into later.
    ordered_for = models.ForeignKey(
        "generations.Collection", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    # Of the collection it was generated for, else of the team, as it was then. Never changed, so that a month that is
    # over stays as it was.
    cost_centre = models.CharField(max_length=MAX_COST_CENTRE_LENGTH, blank=True, default="", db_default="")
    # The picture whose prompt and settings the composer was filled with.
    remix_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="remixes", db_index=False)
    # `schema.fingerprint` of model, parameters and seed: equal ones give the same picture. Empty without a seed, and
    # after the purge.
    fingerprint = models.CharField(max_length=64, blank=True, db_default="")
    # `schema.prompt_group` of the prompt, equal for prompts that differ in numbers and quoted words only. Purged with
    # it.
    prompt_group = models.CharField(max_length=80, blank=True, db_default="")
    # When its page was first opened, and a copy first downloaded; the keep rate counts these.
    opened_at = models.DateTimeField(null=True, blank=True)
    downloaded_at = models.DateTimeField(null=True, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.TextField(blank=True)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(db_default=Now())
    available_at = models.DateTimeField(db_default=Now())
    enqueued_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    # US dollars, the sum over the attempts; null while no charge is known.
    cost = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    cost_estimated = models.BooleanField(default=False)
    # US dollars that are held for each attempt, and the number of holds: a user who accepts a second charge posts
    # another one, and the first stays with its unknown outcome.
    estimate = models.DecimalField(max_digits=20, decimal_places=10, db_default=Decimal(0))
    hold_count = models.PositiveSmallIntegerField(db_default=1)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # By a manager after a report: only its author and managers see it, and no share link shows it.
    hidden_at = models.DateTimeField(null=True, blank=True)
    # The purge deletes prompt and parameters; the files are deleted after it, which `files_gone` records.
    purged_at = models.DateTimeField(null=True, blank=True)
    files_gone = models.BooleanField(default=False)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="generation_state_is_known"),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="generation_visibility_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING, lease__isnull=False, lease_until__isnull=False)
                | (~Q(state=State.RUNNING) & Q(lease__isnull=True, lease_until__isnull=True)),
                name="generation_lease_exactly_while_running",
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gte=0), name="generation_cost_not_negative"
            ),
            # The form key, so that a double click, Back and resubmit, or a second tab find the first request.
            models.UniqueConstraint(
                fields=["author", "client_key", "position"],
                condition=Q(client_key__isnull=False),
                name="generation_once_per_form",
            ),
        ]
        indexes = [
            # The gallery, newest first, and one more index for each filter that compares for equality.
            models.Index(fields=["team", "-id"], condition=Q(deleted_at__isnull=True), name="gallery_by_team"),
            models.Index(
                fields=["team", "author", "-id"], condition=Q(deleted_at__isnull=True), name="gallery_by_author"
            ),
            models.Index(fields=["team", "size", "-id"], condition=Q(deleted_at__isnull=True), name="gallery_by_size"),
            models.Index(
                fields=["team", "speed", "-id"], condition=Q(deleted_at__isnull=True), name="gallery_by_speed"
            ),
            models.Index(
                fields=["team", "state", "-id"], condition=Q(deleted_at__isnull=True), name="gallery_by_state"
            ),
            models.Index(
                fields=["team", "prompt_group", "-id"],
                condition=Q(deleted_at__isnull=True),
                name="gallery_by_prompt_group",
            ),
            models.Index(fields=["team", "-id"], condition=Q(deleted_at__isnull=False), name="trash_by_team"),
            # The admin's lists over all teams.
            models.Index(fields=["state", "-id"], condition=Q(deleted_at__isnull=True), name="generations_by_state"),
            models.Index(fields=["author", "-id"], condition=Q(deleted_at__isnull=True), name="generations_by_author"),
            # Names in the books, and the admin's list of one deleted user.
            models.Index(
                fields=["former_author", "-id"], condition=Q(former_author__isnull=False), name="generations_by_former"
            ),
            # Whether the same picture was paid for before.
            models.Index(
                fields=["team", "fingerprint"],
                condition=~Q(fingerprint=""),
                name="generations_by_fingerprint",
            ),
            # The pictures of one batch.
            models.Index(fields=["batch"], name="generations_by_batch"),
            # Unfinished pictures that count against a collection's limit, and what refers to a deleted collection.
            models.Index(
                fields=["ordered_for", "-id"], condition=Q(ordered_for__isnull=False), name="generations_ordered_for"
            ),
            # The pictures that were made from one.
            models.Index(fields=["remix_of", "-id"], condition=Q(remix_of__isnull=False), name="generations_by_remix"),
            # Emptying the trash: what was deleted long ago, over all teams.
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False, purged_at__isnull=True),
                name="trash_by_age",
            ),
            models.Index(
                fields=["purged_at"], condition=Q(purged_at__isnull=False, files_gone=False), name="purge_unfinished"
            ),
            # Unfinished pictures of a user and of a team. By the end time and not by the states, because SQLite does
            # not use a partial index for a list of bound parameters.
            models.Index(fields=["author"], condition=Q(finished_at__isnull=True), name="waiting_of_author"),
            models.Index(fields=["team", "id"], condition=Q(finished_at__isnull=True), name="waiting_of_team"),
            # The sweeper's two queries: what is due, and which leases have expired. Few rows are in either state.
            models.Index(fields=["state", "available_at"], condition=Q(state="queued"), name="work_due"),
            models.Index(fields=["state", "lease_until"], condition=Q(state="running"), name="work_leased"),
            # Pictures that ended after their charges' days were summed.
            models.Index(fields=["finished_at", "id"], name="generations_by_end"),
            # The expected time of a picture comes from the latest finished ones of its kind.
            models.Index(fields=["model", "size", "speed", "-id"], condition=Q(state="done"), name="history_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"

    @property
    def created_at(self) -> "datetime":
        return uuid7_time(self.id)

    @property
    def waits(self) -> bool:
        return self.state in {State.QUEUED, State.RUNNING}

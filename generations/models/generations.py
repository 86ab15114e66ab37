import uuid
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from generations.models.ids import uuid7, uuid7_time
from generations.models.teams import MANAGERS, Membership, Team, Visibility

if TYPE_CHECKING:
    from datetime import datetime

    from generations.models.users import User


class State(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


# Every legal move; pipeline and services move a row by one conditional UPDATE that names both ends.
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
        # A second try that was accepted is taken back, by a person or because the first picture came late.
        (State.QUEUED, State.UNKNOWN),
        # A picture that had been given up as lost came after all.
        (State.FAILED, State.DONE),
    }
)


class GenerationQuerySet(models.QuerySet["Generation"]):
    def visible_to(self, user: "User") -> "GenerationQuerySet":
        """Rows of the person's teams; of private ones her own, and those of the teams she manages."""
        hers = Membership.objects.filter(user=user)
        managed = hers.filter(role__in=MANAGERS)
        seen = Q(visibility=Visibility.TEAM) | Q(author=user) | Q(team__in=managed.values("team"))
        return self.filter(seen, team__in=hers.values("team"), purged_at=None)

    def of_team(self, team: Team) -> "GenerationQuerySet":
        return self.filter(team=team)

    def shown(self) -> "GenerationQuerySet":
        return self.filter(deleted_at=None)

    def in_trash(self) -> "GenerationQuerySet":
        return self.filter(deleted_at__isnull=False, purged_at=None).exclude(state=State.CANCELLED)

    def waiting(self) -> "GenerationQuerySet":
        """Queued or running; the second condition says the same and is the one the indexes know."""
        return self.filter(state__in=[State.QUEUED, State.RUNNING], finished_at=None)


class Generation(models.Model):
    """One ordered picture: its parameters, its state, later its image.

    queued → running → done | failed | unknown; queued → cancelled; running → queued when certainly not billed;
    unknown → done | failed | queued, and back from queued when a second try is not needed; unknown → running when its
    late answer leads to a file; failed → done when what was given up as lost comes after all. `MOVES` is this graph as
    data. A lease is held exactly while running.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="generations", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="generations", db_index=False
    )
    batch = models.UUIDField(default=uuid.uuid4)
    position = models.PositiveSmallIntegerField(default=0)
    client_key = models.UUIDField(null=True, blank=True)

    visibility = models.CharField(
        max_length=8, choices=Visibility.choices, default=Visibility.TEAM, db_default=Visibility.TEAM
    )

    model = models.CharField(max_length=100)
    parameters = models.JSONField()
    prompt = models.TextField()
    # Short names of the options in the roles size and speed; what lists filter by.
    size = models.CharField(max_length=40, blank=True)
    speed = models.CharField(max_length=40, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    seed = models.BigIntegerField(null=True)
    seed_locked = models.BooleanField(default=False)

    # The collection it was ordered for, whose limit counts it wherever it is put later.
    ordered_for = models.ForeignKey(
        "generations.Collection", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    # `schema.fingerprint` of model, parameters and seed: the same one is the same picture. Empty without a seed, and
    # once its words are purged.
    fingerprint = models.CharField(max_length=64, blank=True, db_default="")
    # `schema.family` of the prompt; prompts that differ in numbers and quoted words only have the same. Purged with it.
    family = models.CharField(max_length=80, blank=True, db_default="")
    # When anybody first opened its page, and first took a copy along; whether it was worth its money.
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
    # US dollars, the sum over the attempts; null while nothing is known to have been charged.
    cost = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    cost_estimated = models.BooleanField(default=False)
    # US dollars that are held for each attempt, and how many holds were placed: a person who accepts a second charge
    # places another, the first one stays with its doubt.
    estimate = models.DecimalField(max_digits=20, decimal_places=10, db_default=Decimal(0))
    holds = models.PositiveSmallIntegerField(db_default=1)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # Words and parameters go with the purge; the files go after it, and this says that they are gone.
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
            # The form key: a double click, Back and resubmit, two tabs find the first order.
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
                fields=["team", "family", "-id"], condition=Q(deleted_at__isnull=True), name="gallery_by_family"
            ),
            models.Index(fields=["team", "-id"], condition=Q(deleted_at__isnull=False), name="trash_by_team"),
            # The admin lists those of all teams.
            models.Index(fields=["state", "-id"], condition=Q(deleted_at__isnull=True), name="generations_by_state"),
            models.Index(fields=["author", "-id"], condition=Q(deleted_at__isnull=True), name="generations_by_author"),
            # Whether the very same picture was paid for before.
            models.Index(
                fields=["team", "fingerprint"],
                condition=~Q(fingerprint=""),
                name="generations_by_fingerprint",
            ),
            # What was ordered together.
            models.Index(fields=["batch"], name="generations_by_batch"),
            # What waits and counts against a collection's limit; deleting a collection looks for what names it.
            models.Index(
                fields=["ordered_for", "-id"], condition=Q(ordered_for__isnull=False), name="generations_ordered_for"
            ),
            # Emptying the trash looks for what was deleted long ago, over all teams.
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False, purged_at__isnull=True),
                name="trash_by_age",
            ),
            models.Index(
                fields=["purged_at"], condition=Q(purged_at__isnull=False, files_gone=False), name="purge_unfinished"
            ),
            # What a person and a team have waiting. By the time of the end, not by the states: SQLite does not see
            # that a list of bound parameters means the rows of a partial index.
            models.Index(fields=["author"], condition=Q(finished_at__isnull=True), name="waiting_of_author"),
            models.Index(fields=["team", "id"], condition=Q(finished_at__isnull=True), name="waiting_of_team"),
            # The sweeper's two questions: what is due, whose lease has run out. Few rows are in either state.
            models.Index(fields=["state", "available_at"], condition=Q(state="queued"), name="work_due"),
            models.Index(fields=["state", "lease_until"], condition=Q(state="running"), name="work_leased"),
            # Whose charges lie in days that are added up, although it ended later.
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

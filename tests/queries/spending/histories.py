"""Random histories of a team, made only through functions that the site itself uses.

Generations, charges, estimates that are corrected, refusals, unknown outcomes that are settled or corrected later,
pictures that move between collections and tags, and users who leave.
"""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models.functions import Now
from django.utils import timezone

from generations import ledger
from generations.models import Attempt, AttemptState, Collection, Generation, Membership, Role, State, User
from generations.pipeline.charges import record_charge
from generations.pipeline.worker.give_up import give_up
from generations.services.collections import collections
from generations.services.gallery import tags
from generations.services.orders.submit import GenerationRequest, cancel, submit
from tests.factories import clean_values, make_person

PROMPTS = ["a quiet harbour", "a sign that says “Open”", "a sign that says “Closed”, 3 gulls", "hills", "4"]
SIZES = ["1024 × 1024", "1360 × 768", "768 × 1360"]
COST_CENTRES = ["", "4711", "4711 a", "Marché"]
TAGS = ["sea", "sign", "night"]


class History:
    """One random history; its moments are any time, and often the first and last moments of days and months."""

    def __init__(self, team, seed, *, first: datetime, last: datetime) -> None:
        self.dice = random.Random(seed)
        self.team, self.first, self.last = team, first, last
        self.people = [make_person(f"P{seed}x{n}", team, Role.MANAGER) for n in range(3)]
        made = [collections.create(actor=self.people[0], team=team, name=f"C{seed} {n}") for n in range(2)]
        self.collections: list[Collection] = made
        self.pictures: list[Generation] = []

    def live(self, steps: int) -> None:
        actions = [self.order, self.order, self.order, self.charge, self.charge, self.charge, self.correct, self.refuse,
                 self.doubt, self.take_back, self.collect, self.tag, self.move, self.check,
                 self.rename_cost_centre]  # fmt: skip
        for _ in range(steps):
            self.dice.choice(actions)()

    def moment(self) -> datetime:
        seconds = int((self.last - self.first).total_seconds())
        found = self.first + timedelta(seconds=self.dice.randrange(seconds))
        if self.dice.random() < 0.6:
            return found
        border = ledger.midnight(timezone.localdate(found)) if self.dice.random() < 0.5 else ledger.month_of(found)[0]
        return max(self.first, border + timedelta(milliseconds=self.dice.choice([-1, 0, 1])))

    def price(self) -> Decimal:
        return Decimal(self.dice.randrange(1, 10**9)) / 10**10

    def order(self) -> None:
        into = self.dice.choice([None, *self.collections])
        values = clean_values(prompt=self.dice.choice(PROMPTS), seed=str(self.dice.randrange(1, 99)))
        moment = self.moment()
        asked = GenerationRequest(values, self.dice.randint(1, 2), collection=into, ordered_at=moment)
        with ledger.backdated_entries(moment):
            self.pictures += submit(actor=self.dice.choice(self.people), team=self.team, order=asked)

    def waiting(self) -> Generation | None:
        rows = list(Generation.objects.filter(id__in=[one.id for one in self.pictures], state=State.QUEUED))
        return self.dice.choice(rows) if rows else None

    def sent(self, state: State, attempt_state: AttemptState) -> Attempt | None:
        row = self.waiting()
        if row is None:
            return None
        Generation.objects.filter(id=row.id).update(state=state, finished_at=Now())
        fields = {"estimate": row.estimate, "sent_at": timezone.now(), "seed": row.seed}
        return Attempt.objects.create(generation=row, number=1, state=attempt_state, **fields)

    def charge(self) -> None:
        usable = self.dice.random() < 0.8
        attempt = self.sent(
            State.DONE if usable else State.FAILED, AttemptState.STORED if usable else AttemptState.REJECTED
        )
        if attempt:
            with ledger.backdated_entries(self.moment()):
                record_charge(attempt, self.price(), estimated=self.dice.random() < 0.3)

    def correct(self) -> None:
        attempts = list(Attempt.objects.filter(generation__team=self.team, cost_estimated=True, cost__gt=0))
        if attempts:
            with ledger.backdated_entries(self.moment()):
                record_charge(
                    self.dice.choice(attempts), self.price(), estimated=False, mend=True, note="the history says so"
                )

    def refuse(self) -> None:
        attempt = self.sent(State.FAILED, AttemptState.NOT_BILLED)
        if attempt:
            with ledger.backdated_entries(self.moment()):
                ledger.release(attempt.generation_id, 1)

    def doubt(self) -> None:
        """Leave an attempt unknown, or give it up at its estimate; some of the latter get another cost, or none."""
        attempt = self.sent(State.UNKNOWN, AttemptState.UNKNOWN)
        if attempt is None or self.dice.random() < 0.4:
            return
        with ledger.backdated_entries(self.moment()):
            give_up(attempt.generation_id, "Nobody knows.", actor=self.people[0], note="lost")
        if self.dice.random() < 0.5:
            with ledger.backdated_entries(self.moment()):
                cost = self.dice.choice([Decimal(0), self.price()])
                record_charge(attempt, cost, estimated=False, mend=True, note="found out late")

    def take_back(self) -> None:
        row = self.waiting()
        if row:
            with ledger.backdated_entries(self.moment()):
                cancel(actor=self.people[0], generation=row)

    def some(self) -> list[Generation]:
        return self.dice.sample(self.pictures, min(len(self.pictures), 3))

    def collect(self) -> None:
        into = self.dice.choice(self.collections)
        collections.add(actor=self.people[0], collection=into, generations=self.some())

    def tag(self) -> None:
        names = self.dice.sample(TAGS, self.dice.randint(1, 2))
        tags.add(actor=self.people[0], team=self.team, words=names, generations=self.some())

    def move(self) -> None:
        there, away = self.dice.sample(self.collections, 2)
        rows = self.some()
        collections.remove(collection=there, generations=rows)
        collections.add(actor=self.people[0], collection=away, generations=rows)

    def rename_cost_centre(self) -> None:
        """Change the text of the team or of a collection, or take it away."""
        whose = self.dice.choice([self.team, *self.collections])
        whose.cost_centre = self.dice.choice(COST_CENTRES)
        whose.save(update_fields=["cost_centre"])

    def check(self) -> None:
        """Charge a paid check of the provider, which generates no picture."""
        cause = f"check:{self.team.pk}:{self.dice.random()}"
        with ledger.backdated_entries(self.moment()):
            ledger.hold_without_generation(self.team, self.price(), idempotency_key=cause, note="check")
            ledger.settle_without_generation(
                self.team, self.price(), idempotency_key=cause, estimated=False, note="check"
            )

    def somebody_leaves(self) -> None:
        gone: User = self.people.pop()
        Membership.objects.filter(user=gone).delete()
        gone.delete()

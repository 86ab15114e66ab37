"""The site as a Shop: its services, workers, sweeper and tables."""

import sys
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import Error
from django.db.models import Q

from generations import schema
from generations.errors import TooManyWaiting
from generations.management.devserver import programs
from generations.models import Attempt, AttemptState, BalanceReading, Generation, Membership, Role, State, Team, User
from generations.services.orders.submit import GenerationRequest, submit
from tests.chaos.checks import reading
from tests.chaos.checks.books import Site
from tests.chaos.site.processes import Process
from tests.chaos.site.stage import ROOT, WORKERS, Stage

PEOPLE = 10
SWEEP = 0.5
FORMS = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


class Gallery:
    silence = 60.0
    busy = (Error, TooManyWaiting)

    def processes(self, stage: Stage) -> Sequence[Process]:
        sweeper = [sys.executable, str(ROOT / "manage.py"), "sweeper", "--every", str(SWEEP)]
        return [*workers(stage), Process("sweeper", sweeper, stage.environment, stage.logs)]

    def open(self) -> None:
        self._team = Team.objects.create(name="Chaos", slug="chaos")
        self._users = [User.objects.create_user(f"person{n}@example.test", None) for n in range(PEOPLE)]
        for user in self._users:
            Membership.objects.create(user=user, team=self._team, role=Role.MEMBER)

    def is_ready(self) -> bool:
        """Return whether the balance was read, which on any site happens before the first charge."""
        return BalanceReading.objects.exists()

    def order(self, number: int, prompt: str) -> None:
        """Submit one generation; the key depends on the prompt, so sending it twice generates once."""
        order = GenerationRequest(values(number, prompt), client_key=uuid.uuid5(FORMS, prompt))
        submit(actor=self._users[number % PEOPLE], team=self._team, order=order)

    def waiting(self) -> dict[str, int]:
        cost_not_known = Q(cost=None) | Q(cost_estimated=True)
        unknown = Attempt.objects.filter(cost_not_known, state=AttemptState.UNKNOWN)
        return {
            "orders that are queued": Generation.objects.filter(state=State.QUEUED).count(),
            "orders that are running": Generation.objects.filter(state=State.RUNNING).count(),
            "attempts whose cost is not known": unknown.count(),
            "answers that are not stored": len(list((settings.DATA_DIR / "spool").glob("*.answer*"))),
        }

    def books(self) -> Site:
        return reading.site()


def workers(stage: Stage) -> list[Process]:
    """Return the workers with the command of `make run` and docs/operations.md."""
    command = programs.worker(stage.environment).command
    return [Process(f"worker-{number + 1}", command, stage.environment, stage.logs) for number in range(WORKERS)]


def values(number: int, prompt: str) -> schema.Values:
    """Return values with each speed in turn, as JPEG because that costs this machine least."""
    speed = schema.get()["speed_mode"]
    chosen = speed.options[number % len(speed.options)].value
    values, _ = schema.clean(schema.get(), {"prompt": prompt, "speed_mode": chosen, "output_format": "jpg"})
    return values

"""Things a test needs, made through the services wherever there is one."""

import uuid
from datetime import datetime

from generations import schema
from generations.models import Membership, Role, Team, User
from generations.pipeline.worker.fulfil import fulfil
from generations.services.orders.submit import GenerationRequest, submit

PASSWORD = "correct horse battery"


def make_team(name="Harbour team", slug="harbour"):
    return Team.objects.create(name=name, slug=slug)


def make_person(name, team=None, role=Role.MEMBER):
    user = User.objects.create_user(f"{name.lower()}@example.test", PASSWORD, name=name)
    if team is not None:
        Membership.objects.create(user=user, team=team, role=role)
    return user


def clean_values(**raw):
    values, errors = schema.clean(schema.get(), {"prompt": "a quiet harbour", **raw})
    assert errors == {}
    return values


def order(actor: User, team: Team, *, count=1, at: datetime | None = None, key: uuid.UUID | None = None, **raw):
    """Queued generations; extra arguments are raw parameters of the schema."""
    return submit(actor=actor, team=team, order=GenerationRequest(clean_values(**raw), count, key, ordered_at=at))


def draw(actor: User, team: Team, **options):
    """One finished picture, drawn by the emulator the test runs (fixture `emulator`)."""
    (generation,) = order(actor, team, **options)
    fulfil(generation.id)
    generation.refresh_from_db()
    assert generation.state == "done", generation.reason
    return generation

"""The demo team: its users and a gallery of emulated pictures, created through the same services as any other."""

import json
import random
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from generations import ledger, schema
from generations.conf import conf
from generations.errors import ProviderError
from generations.models import Attempt, Budget, Favourite, Generation, Role, Span, State, Team, User, uuid7_time
from generations.pipeline.worker.claim import draw_seed
from generations.pipeline.worker.fulfil import fulfil
from generations.providers.transport import OK, PICTURE_CAP, fetch
from generations.providers.wire import loopback
from generations.services.collections import collections
from generations.services.gallery import tags
from generations.services.orders.submit import GenerationRequest, submit
from generations.services.teams.teams_and_users import create_user, get_or_create_team

PASSWORD = "demo-gallery"  # noqa: S105  the demo's published password; these people exist with the emulator only
TEAM = "Harbour team"
PARALLEL_CALLS = 4
DAYS = 40
BUDGET = Decimal(3)
COLLECTION = "Harbour festival"
# By a word of the prompt, the tag of its pictures.
TAGS = {"sign": "signs", "sea": "sea", "harbour": "sea", "night": "after dark", "moon": "after dark"}
# Rough time from a generation request to its charge.
POLL_TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True)
class DemoPerson:
    """A user of the demo; `runs_the_site` makes them a superuser."""

    email: str
    role: str
    name: str
    password: str = PASSWORD
    runs_the_site: bool = False

    @property
    def role_name(self) -> str:
        return str(Role(self.role).label)


PEOPLE = [
    DemoPerson("owner@demo.test", Role.OWNER, "Mara Kessler", runs_the_site=True),
    DemoPerson("member@demo.test", Role.MEMBER, "Jonas Lind"),
    DemoPerson("viewer@demo.test", Role.VIEWER, "Ada Okafor"),
]
PROMPTS = [
    "a quiet harbour at dusk, a hand-painted sign that says “Open late”",
    "rolling hills at sunrise, soft paper-cut style",
    "a wooden sign in a misty forest that says “This way home”",
    "a chalk board outside a café that says “Fresh fish today”",
    "a lighthouse on a cliff, storm clouds, teal and gold",
    "city skyline at night with lit windows, a neon sign that says “Jazz”",
    "desert dunes under a huge pale sun",
    "snowy mountains, aurora borealis, very still",
    "a bowl of oranges on a windowsill, morning light",
    "a boat on a calm sea, moon reflected in the water",
    "poster for a summer fair, sign that says “Saturday, 10 to 4”",
    "fir trees in fog, one warm light between them",
    "abstract circles in tangerine and ink blue",
    "a street market at noon, banner that says “Lemons 1 €”",
    "a meadow in spring with a sign that says “Please walk on the grass”",
    "northern sea, low sun, a row of gulls",
    "a desert road sign that says “Next water 40 km”",
    "night train through the hills, moonlight",
    "a shop front with a sign that says “Back in five minutes”",
    "autumn forest path, copper leaves",
]


def demo_people() -> list[DemoPerson]:
    """Return the users that the sign-in page may offer: those that exist, and none unless the site is a demo."""
    if not conf().is_demo:
        return []
    there = set(User.objects.filter(demo=True, is_active=True).values_list("email", flat=True))
    return [person for person in PEOPLE if person.email in there]


def create_people() -> list[User]:
    """Create the team and its users; the limit is set after the pictures, because emulated ones cost nothing."""
    get_or_create_team(name=TEAM, limited=False)
    people = [_person(one) for one in PEOPLE]
    Team.objects.filter(name=TEAM, memberships__user__demo=True).update(demo=True)
    return people


def order_pictures(*, people: list[User], count: int, seed: int = 7) -> list[Generation]:
    """Queue `count` pictures, spread over the last DAYS days, most by the two users who may generate."""
    dice = random.Random(seed)
    team = Team.objects.get(name=TEAM)
    moments = sorted(_moments(dice, count))
    return [_order(dice, people[0 if dice.random() < 0.6 else 1], team, moment, n) for n, moment in enumerate(moments)]


@contextmanager
def hurried_emulator() -> Iterator[None]:
    """Let the running emulator skip its waits and its rate limit inside the `with` block."""
    before = json.loads(_control("GET", None))["behaviour"]
    _control("PUT", {"speed_up": 1000, "rpm": 100_000})
    try:
        yield
    finally:
        _control("PUT", {name: before[name] for name in ("speed_up", "rpm")})


def _control(method: str, wishes: Mapping[str, object] | None) -> bytes:
    url = f"{conf().base_url}/__control__"
    reply = fetch(method, url, headers={}, deadline=10, cap=PICTURE_CAP, json=wishes, reach=loopback)
    if reply.status != OK:
        said = _("Only the emulator can generate the demo, and %(url)s isn't one.")
        raise ProviderError(said % {"url": conf().base_url})
    return reply.body


def draw(generations: list[Generation]) -> None:
    """Generate the queued pictures in this process, without a broker, PARALLEL_CALLS at a time."""
    with ThreadPoolExecutor(PARALLEL_CALLS) as pool:
        for _ in pool.map(_draw_one, [generation.id for generation in generations]):
            pass


def backdate(generations: list[Generation]) -> None:
    """Give the pictures the times that a real gallery would have, because seeding takes only seconds."""
    for row in Generation.objects.filter(id__in=[g.id for g in generations], state=State.DONE):
        ordered = uuid7_time(row.id)
        attempt = Attempt.objects.get(generation=row)
        sent = ordered + timedelta(seconds=0.3)
        answered = sent + timedelta(seconds=float(attempt.generation_seconds or 10))
        Attempt.objects.filter(id=attempt.id).update(sent_at=sent, answered_at=answered, finished_at=answered)
        Generation.objects.filter(id=row.id).update(queued_at=ordered, available_at=ordered, finished_at=answered)


def add_favourites(*, people: list[User], generations: list[Generation], seed: int = 7) -> None:
    """Give each user up to five favourites."""
    dice = random.Random(seed)
    for person in people:
        for generation in dice.sample(generations, k=min(5, len(generations))):
            Favourite.objects.get_or_create(user=person, generation=generation)


def add_collections_and_tags(*, people: list[User], generations: list[Generation], seed: int = 7) -> None:
    """Add a collection, tags, views and downloads, so that every page has something to show."""
    dice = random.Random(seed)
    team = Team.objects.get(name=TEAM)
    shelf = collections.create(actor=people[0], team=team, name=COLLECTION, description="Ideas for the poster.")
    collections.add(actor=people[0], collection=shelf, generations=dice.sample(generations, k=len(generations) // 4))
    for word, tag in TAGS.items():
        wearing = [row for row in generations if word in row.prompt]
        tags.add(actor=people[1], team=team, words=[tag], generations=wearing)
    for row in generations:
        later = row.finished_at and row.finished_at + timedelta(minutes=10 * dice.random())
        opened = later if dice.random() < 0.8 else None
        Generation.objects.filter(id=row.id).update(
            opened_at=opened, downloaded_at=opened if opened and dice.random() < 0.3 else None
        )


def limit_spending() -> None:
    """Set a monthly limit, so that the credits page has something to measure against."""
    team = Team.objects.get(name=TEAM)
    Budget.objects.get_or_create(team=team, span=Span.MONTH, by_site=True, defaults={"hard": BUDGET})


def _person(one: DemoPerson) -> User:
    existing = User.objects.filter(email=one.email).first()
    if existing is not None:
        return existing
    user = create_user(
        email=one.email, password=one.password, team_name=TEAM, role=one.role, name=one.name, check_password=False
    )
    user.is_staff = user.is_superuser = one.runs_the_site
    user.demo = True
    user.save(update_fields=["is_staff", "is_superuser", "demo"])
    return user


def _moments(dice: random.Random, count: int) -> list[datetime]:
    """Return times that become denser towards now; none in the last three minutes."""
    now = timezone.now() - timedelta(minutes=3)
    return [now - timedelta(days=DAYS * dice.random() ** 1.4, minutes=dice.random() * 90) for _ in range(count)]


def _order(dice: random.Random, person: User, team: Team, moment: datetime, number: int) -> Generation:
    model = schema.get()
    raw: dict[str, object] = {"prompt": PROMPTS[number % len(PROMPTS)], "seed": draw_seed()}
    for role in ("size", "speed"):
        parameter = model.by_role(role)
        if parameter is not None:
            raw[parameter.name] = dice.choice(parameter.options).name
    values, errors = schema.clean(model, raw)
    if errors:
        raise ValueError(f"The demo asks for what the schema refuses: {errors}")
    with ledger.backdated_entries(moment):
        return submit(actor=person, team=team, order=GenerationRequest(values, ordered_at=moment))[0]


def _draw_one(generation_id: uuid.UUID) -> None:
    try:
        with ledger.backdated_entries(uuid7_time(generation_id) + POLL_TIMEOUT):
            fulfil(generation_id)
    finally:
        connection.close()  # each thread has its own connection

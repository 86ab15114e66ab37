"""The test world: one team with everything in it, and users in every relation to it.

Hidden things contain words that occur nowhere else, so that any answer can be searched for them.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from generations import ledger
from generations.models import (
    ApprovalRequest,
    Attempt,
    AuditEvent,
    BalanceReading,
    Budget,
    DiscrepancyExplanation,
    Generation,
    Image,
    LedgerEntry,
    Membership,
    PauseCause,
    ProviderPause,
    Reason,
    Reconciliation,
    RequestState,
    Role,
    ShareLink,
    SignOff,
    State,
    Tag,
    Verdict,
    Visibility,
    uuid7_min,
)
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.recovery.thumbnails import make_thumbnails
from generations.pipeline.worker.fulfil import fulfil
from generations.queries.spending.review import month_around
from generations.services.accounts import profile
from generations.services.gallery import tags
from generations.services.generations import actions
from generations.services.spending import sign_off
from generations.services.teams import invitations
from tests.authorisation.asides import (
    add_finding,
    add_reports,
    add_requests,
    add_second_factors,
    add_talk,
    stay_confirmed,
)
from tests.factories import draw, make_person, make_team, order
from tests.sharing import collect, share

# Outside of the team: a signed-out visitor, a visitor with a link to something else, the owner of another team, a
# removed member, a superuser. Then the roles.
OUTSIDERS = ("anonymous", "visitor", "stranger", "removed", "superuser")
MEMBERS = ("viewer", "member", "manager", "owner")
PEOPLE = (*OUTSIDERS, *MEMBERS)
SIGNED_OUT = ("anonymous", "visitor")
PASSWORD_OF_LINK = "sesame under the pier"


@dataclass
class World:
    """All things and users of the world.

    `things` are the names that rows use, `secrets` the words of each thing that only some users may read, `own` the
    words of each user that no other user may read.
    """

    folder: Path
    things: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    secrets: dict[str, set[str]] = field(default_factory=dict)
    own: dict[str, set[str]] = field(default_factory=dict)
    handlers: dict[str, Any] = field(default_factory=dict)

    def client(self, who: str, **options: Any) -> Client:
        """Return a new browser of this user; a sign-out in it affects no other one."""
        client = Client(**options)
        # Loading the middleware for each of thousands of requests is slow.
        client.handler = self.handlers.setdefault(str(options), client.handler)
        for name, value in self.cookies[who].items():
            client.cookies[name] = value
        return client

    def may_never_read(self, who: str) -> set[str]:
        hidden = {
            **{outsider: set(self.secrets) for outsider in OUTSIDERS},
            "viewer": {
                "private",
                "own_private",
                "left_private",
                "queued",
                "invitation",
                "others_links",
                "island",
                "headers",
                "asked",
                "own_asked",
                "limits",
                "reports",
            },
            "member": {
                "private",
                "left_private",
                "queued",
                "invitation",
                "others_links",
                "island",
                "headers",
                "asked",
                "limits",
                "reports",
            },
            "manager": {"queued", "island"},
            "owner": {"queued", "island"},
        }[who] - ({"island"} if who == "stranger" else set())
        words = set().union(*(self.secrets[thing] for thing in hidden), self.of_others(who))
        return words - {self.people[who].name, self.people[who].email} if who in self.people else words

    def of_others(self, who: str) -> set[str]:
        return set().union(*(words for name, words in self.own.items() if name != who))


def build(folder: Path, emulator: Any) -> World:
    world = World(folder)
    team = world.things["team_row"] = make_team("Quayside Secret Society", "harbour")
    _people(world, team)
    _pictures(world, team, emulator)
    _shelves(world, team)
    _links(world, team)
    _books(world, team)
    add_requests(world, team)
    add_reports(world, team)
    _secrets(world, team)
    add_talk(world, team)
    add_finding(world, team)
    add_second_factors(world)
    # Last, because after leaving this user could not have created the above.
    Membership.objects.filter(user=world.people["removed"]).delete()
    _browsers(world)
    return world


def _people(world: World, team: Any) -> None:
    roles = {**dict(zip(MEMBERS, Role, strict=True)), "removed": Role.MANAGER, "colleague": Role.MEMBER}
    for name, role in roles.items():
        world.people[name] = make_person(f"{name.title()}osaurus", team, role)
    island = make_team("Island", "island")
    world.people["stranger"] = make_person("Stella", island, Role.OWNER)
    root = world.people["superuser"] = make_person("Root")
    root.is_staff = root.is_superuser = True
    root.save()
    world.things |= {name: user.pk for name, user in world.people.items()}
    world.things |= {"team": team.slug, "team_key": team.pk, "island": island.slug}


def _pictures(world: World, team: Any, emulator: Any) -> None:
    """Create pictures of the colleague, unless the name says whose."""
    people, things = world.people, world.things
    colleague, island = people["colleague"], people["stranger"].teams.get()

    def drawn(name: str, author: Any, of: Any = team, **changes: Any) -> None:
        row = draw(author, of, prompt=f"{name} wordsof{name}")
        make_thumbnails(row.id)
        Generation.objects.filter(id=row.id).update(**changes)
        things[name] = row.id

    drawn("picture", colleague)
    drawn("other_picture", colleague)
    drawn("own", people["member"])
    drawn("trashed", colleague, deleted_at=timezone.now() - timedelta(hours=1))
    drawn("private", colleague, visibility=Visibility.PRIVATE)
    drawn("own_private", people["member"], visibility=Visibility.PRIVATE)
    drawn("left_private", people["removed"], visibility=Visibility.PRIVATE)
    drawn("island_picture", people["stranger"], island)
    drawn("purged", colleague, deleted_at=timezone.now(), purged_at=timezone.now(), prompt="", parameters={})
    Attempt.objects.filter(generation=things["picture"]).update(headers={"server": "headersaur"})
    (doubt,) = order(colleague, team, prompt="doubt wordsofdoubt")
    emulator.control.fault("drop")
    fulfil(doubt.id)
    assert Generation.objects.get(id=doubt.id).state == State.UNKNOWN
    things["doubt"], things["attempt"] = doubt.id, doubt.attempts.get().id
    (queued,) = order(colleague, team, prompt="queued wordsofqueued")
    (own_queued,) = order(people["member"], team, prompt="own wordsofownqueued")
    (private_queued,) = order(colleague, team, prompt="hush wordsofqueued")
    Generation.objects.filter(id=private_queued.id).update(visibility=Visibility.PRIVATE)
    things |= {"queued": queued.id, "own_queued": own_queued.id, "private_queued": private_queued.id}


def _shelves(world: World, team: Any) -> None:
    """Create a collection whose cover is private, with pictures that some users may not see."""
    people, things = world.people, world.things
    rows = {row.id: row for row in Generation.objects.filter(team=team)}
    inside = [rows[things[name]] for name in ("picture", "own", "private", "own_private", "left_private", "queued")]
    made = collect(
        people["colleague"],
        team,
        *inside,
        name="Shelfosaur",
        description="descriptosaur",
        cover=rows[things["private"]],
    )
    things["collection"] = made.pk
    things["own_collection"] = collect(people["member"], team, rows[things["own"]], name="Ownershelf").pk
    island = people["stranger"].teams.get()
    elsewhere = Generation.objects.get(id=things["island_picture"])
    things["island_collection"] = collect(people["stranger"], island, elsewhere, name="Islandshelf").pk
    for word, name in {"tagosaur": "picture", "privatag": "private"}.items():
        tags.add(actor=people["colleague"], team=team, words=[word], generations=[rows[things[name]]])
    things["tag"], things["private_tag"] = (Tag.objects.get(name=word).pk for word in ("tagosaur", "privatag"))
    actions.toggle_favourite(actor=people["colleague"], generation=rows[things["picture"]])


def _links(world: World, team: Any) -> None:
    """Create tokens of pictures and collections, of an invitation, a change of address and a reset."""
    people, things = world.people, world.things
    of = {name: Generation.objects.get(id=things[name]) for name in ("picture", "other_picture", "island_picture")}
    made, base = share(people["colleague"], of["picture"], allow_download=True)
    things["link"], things["token"] = made.pk, _token(base)
    _, base = share(people["colleague"], of["picture"], password=PASSWORD_OF_LINK)
    things["locked_token"] = _token(base)
    _, base = share(people["stranger"], of["island_picture"], allow_download=True)
    things["other_token"] = _token(base)
    shelf = of["picture"].collection_items.get().collection
    terms_of: dict[str, dict[str, Any]] = {
        "collection": {}, "zip": {"allow_download": True}, "locked_zip": {"allow_download": True, "password": "x" * 12},
    }  # fmt: skip
    for name, terms in terms_of.items():
        things[f"{name}_token"] = _token(share(people["colleague"], shelf, **terms)[1])
    own, _ = share(people["member"], of["other_picture"])
    things["own_link"] = own.pk
    invitation, token = invitations.invite(
        actor=people["owner"], team=team, role=Role.VIEWER, email="invitosaur@example.test"
    )
    things["invitation"], things["invitation_token"] = invitation.pk, token
    invitation, _ = invitations.invite(actor=people["owner"], team=team, role=Role.OWNER, email="")
    things["owners_invitation"] = invitation.pk
    # The colleague never signs in, which would use up these tokens.
    colleague = people["colleague"]
    things["address_token"] = profile.email_change_token(user=colleague, new="newaddress@example.test")
    things["reset_uid"] = urlsafe_base64_encode(force_bytes(colleague.pk))
    things["reset_token"] = default_token_generator.make_token(colleague)


def _books(world: World, team: Any) -> None:
    pauses.pause(PauseCause.BY_HAND, "pausosaur", by=world.people["superuser"])
    BalanceReading.objects.create(credits=25, free_credits=0)
    now = timezone.now()
    run = Reconciliation.objects.create(
        since=now - timedelta(days=1),
        until=now,
        booked=1,
        balance_decrease=1,
        unexplained=0,
        tolerance=0,
        verdict=Verdict.AGREES,
    )
    named = DiscrepancyExplanation.objects.create(
        reason=Reason.TOP_UP, amount=-10, begins=run.since, ends=now, note="named before", key="top_up:one"
    )
    world.things |= {"run": run.pk, "named": named.pk}
    _limits(world, team)
    # Ended, because a pause shows a banner on every page, and these pages are the usual ones.
    ProviderPause.objects.update(ended_at=timezone.now(), end_reason="over")
    ApprovalRequest.objects.create(
        team=team, requested_by=world.people["colleague"], model="hidream-l1-fast", cells=[], estimate=1,
        visibility=Visibility.PRIVATE, state=RequestState.REFUSED, note="batchosaur",
    )  # fmt: skip
    SignOff.objects.create(
        team=team, month=date(2020, 1, 1), until=uuid7_min(datetime(2020, 2, 1, tzinfo=UTC)), spent=0, entries=0,
        signed_by=world.people["owner"], note="signosaur", statement={},
    )  # fmt: skip
    rows = {
        "attempt": Attempt, "image": Image, "ledgerentry": LedgerEntry, "providerpause": ProviderPause,
        "balancereading": BalanceReading, "budget": Budget, "approvalrequest": ApprovalRequest, "signoff": SignOff,
        "auditevent": AuditEvent,
    }  # fmt: skip
    for name in ("private", "picture"):
        world.things[f"{name}_sha256"] = Image.objects.get(generation=world.things[name]).sha256
    world.things |= {f"{name}_row": model._default_manager.earliest("pk").pk for name, model in rows.items()}


def _limits(world: World, team: Any) -> None:
    """Create limits; those of other users are visible to managers only."""
    limits: dict[str, dict[str, Any]] = {
        "limit": {"hard": 500},
        "site_limit": {"hard": 600, "by_site": True},
        "person_limit": {"hard": Decimal("321.0987"), "person": world.people["colleague"]},
        "shelf_limit": {"soft": Decimal("432.1098"), "collection_id": world.things["collection"]},
    }
    for name, more in limits.items():
        world.things[name] = Budget.objects.create(team=team, **more).pk
    over_all = {"person": world.people["colleague"], "hard": 800, "by_site": True}
    world.things["over_all"] = Budget.objects.create(team=None, **over_all).pk
    island = world.people["stranger"].teams.get()
    world.things["island_limit"] = Budget.objects.create(team=island, hard=700).pk
    world.secrets["limits"] = {"321.0987", "432.1098", "signedosaur"}
    _months(world, team)


def _months(world: World, team: Any) -> None:
    """Create two past months, of which the first is signed off.

    The last month is neither: for an hour after its end it is still open.
    """
    this = timezone.localdate().replace(day=1)
    over = (this - timedelta(days=32)).replace(day=1)
    signed = month_around(over - timedelta(days=1))
    world.things |= {
        name: f"{day:%Y-%m}"
        for name, day in {"this_month": this, "open_month": over, "signed_month": signed.first}.items()
    }
    with ledger.backdated_entries(signed.since):
        ledger.top_up(team, Decimal(1), idempotency_key="first", actor=None)
    with ledger.backdated_entries(ledger.midnight(over)):
        ledger.top_up(team, Decimal(1), idempotency_key="second", actor=None)
    sign_off.sign_off(actor=world.people["owner"], team=team, month=signed, note="signedosaur")


def _secrets(world: World, team: Any) -> None:
    things, secrets = world.things, world.secrets
    pictures = ["picture", "other_picture", "own", "trashed", "doubt", "private", "own_private", "left_private"]
    for name in pictures:
        row = Generation.objects.get(id=things[name])
        secrets[name] = {f"wordsof{name}", str(row.id), str(row.seed)}
        for image in Image.objects.filter(generation=row):
            secrets[name] |= {image.sha256, image.path, image.path.split("/")[-1].split(".")[0]}
    secrets["private"] |= {"privatag", str(things["private_queued"])}
    # All members see that it is queued and whose it is.
    secrets["queued"] = {"wordsofqueued"}
    secrets["queue"] = {str(things["queued"]), str(things["own_queued"]), "wordsofownqueued"}
    secrets["shelf"] = {"Shelfosaur", "descriptosaur", "Ownershelf", str(things["collection"]), "tagosaur"}
    secrets["team"] = {team.name}
    known = [world.people[name] for name in (*MEMBERS, "removed", "colleague")]
    secrets["people"] = {word for user in known for word in (user.email, user.name)}
    secrets["invitation"] = {"invitosaur", str(things["invitation"])}
    secrets["headers"] = {"headersaur"}
    secrets["others_links"] = {str(things["link"])}
    secrets["own_link"] = {str(things["own_link"])}
    secrets["review"] = {"batchosaur", "signosaur"}
    for name in ("asked", "own_asked"):
        secrets[name] = {f"wordsof{name}", str(things[name])}
    secrets["asked"] |= {"wordsofrefusedremoved"}
    secrets["own_asked"] |= {"wordsofrefusedmember", "refusosaur"}
    secrets["hashes"] = {PASSWORD_OF_LINK, *ShareLink.objects.filter(team=team).values_list("token_hash", flat=True)}
    secrets["island"] = {"wordsofisland_picture", "Islandshelf", str(things["island_picture"])}


def _browsers(world: World) -> None:
    world.cookies = {name: {} for name in SIGNED_OUT}
    visitor = Client()
    visitor.get(f"/s/{world.things['other_token']}/")
    world.cookies["visitor"] = {name: morsel.value for name, morsel in visitor.cookies.items()}
    for name in (*OUTSIDERS[2:], *MEMBERS):
        client = Client()
        client.force_login(world.people[name])
        stay_confirmed(client)
        world.cookies[name] = {key: morsel.value for key, morsel in client.cookies.items()}


def _token(base: str) -> str:
    return base.split("/")[2]

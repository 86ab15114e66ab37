"""The tour of the site. Imported after django.setup()."""

from generations.models import Generation, State, Team, User
from tests.secret_scan.orders import decide, faults, order_into, settle
from tests.secret_scan.place import Place
from tests.secret_scan.site import COMMANDS, EMAIL, PASSWORD, TEAM, Site
from tests.secret_scan.things import Things, create
from tests.secret_scan.visitor import WANTED, Visitor


def tour(site: Site, pages: Place) -> list[str]:
    """Visit the site with each version of the API; return what was not met, as sentences."""
    visitor, complaints, left_out = Visitor(site.address, pages), [], set()
    made: Things = {}
    for version, spoilers in faults(site.key).items():
        with site.running(version):
            _open_the_door(site, visitor)
            visitor.post(f"/t/{TEAM}/generations/", prompt="a picture without faults", count="2")
            for fault in order_into(visitor, site.provider, TEAM, spoilers):
                complaints.append(f"site: with {version}, no call met {fault['name']} on {fault['on']}.")
            _ask_the_commands(site, version)
            site.provider.tell(clear_faults=True)
            if not settle(visitor):
                complaints.append(f"site: with {version}, some orders did not come to an end.")
            made = made or create(User.objects.get(email=EMAIL), Team.objects.get(slug=TEAM))
            left_out |= set(visitor.open_everything(made))
            visitor.be_refused(TEAM, Generation.objects.latest("id"))
            decide(visitor)
    complaints += [f"site: no address was found for the route {name}." for name in sorted(left_out)]
    complaints += [f"site: no page answered with {status}." for status in sorted(WANTED - visitor.seen)]
    if not Generation.objects.filter(state=State.DONE).exists():
        complaints.append("site: no picture came.")
    return complaints


def _open_the_door(site: Site, visitor: Visitor) -> None:
    if not User.objects.exists():
        site.command("create_user", COMMANDS["create_user"], f"{PASSWORD}\n")
        User.objects.filter(email=EMAIL).update(is_superuser=True, is_staff=True)
        Team.objects.filter(slug=TEAM).update(name="Canaries")
    visitor.sign_in(EMAIL, PASSWORD)


def _ask_the_commands(site: Site, version: str) -> None:
    """Run the commands; `provider_check` also while the provider refuses the key with text that contains it."""
    site.provider.tell(clear_faults=True)
    for name, words in COMMANDS.items():
        site.command(name, words)
    refusal = next(one for one in faults(site.key)[version] if one["name"] == "401")
    site.provider.tell(faults=[{**refusal, "on": "credits", "times": 9}])
    site.command("provider_check-refused", COMMANDS["provider_check"])

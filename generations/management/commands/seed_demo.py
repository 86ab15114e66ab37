from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations import ledger
from generations.conf import conf
from generations.models import Generation, State, Team
from generations.services.teams import demo_team


class Command(BaseCommand):
    help = "Create the demo team: three users and a gallery of emulated pictures. Does nothing if it exists."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pictures", type=int, default=40)
        parser.add_argument("--seed", type=int, default=7, help="the same seed generates the same gallery")

    def handle(self, *, pictures: int, seed: int, **options: Any) -> None:
        if not conf().is_demo:
            raise CommandError(
                "The demo team needs the emulator and DJANGO_DEBUG=1; here pictures would cost money. "
                "Create real users with: manage.py create_user EMAIL --team NAME --role owner"
            )
        people = demo_team.create_people()
        if Generation.objects.filter(team=Team.objects.get(name=demo_team.TEAM)).exists():
            self.stdout.write("The demo team already has pictures; nothing to do.")
            return
        ordered = demo_team.order_pictures(people=people, count=pictures, seed=seed)
        with demo_team.hurried_emulator():
            demo_team.draw(ordered)
        demo_team.backdate(ordered)
        ledger.rebuild()
        done = Generation.objects.filter(id__in=[row.id for row in ordered], state=State.DONE)
        demo_team.add_favourites(people=people, generations=list(done), seed=seed)
        demo_team.add_collections_and_tags(people=people, generations=list(done), seed=seed)
        demo_team.limit_spending()
        self.stdout.write(f"{done.count()} of {pictures} pictures generated for the {demo_team.TEAM}.")

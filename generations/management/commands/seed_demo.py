from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations import ledger
from generations.conf import conf
from generations.models import Generation, State, Team
from generations.services import demo


class Command(BaseCommand):
    help = "Create the demo team: three users and a gallery of emulated pictures. Does nothing if it exists."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pictures", type=int, default=40)
        parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same gallery")

    def handle(self, *, pictures: int, seed: int, **options: Any) -> None:
        if not conf().is_demo:
            raise CommandError(
                "The demo team needs the emulator and DJANGO_DEBUG=1; here pictures would cost money. "
                "Create real users with: manage.py create_user EMAIL --team NAME --role owner"
            )
        people = demo.create_people()
        if Generation.objects.filter(team=Team.objects.get(name=demo.TEAM)).exists():
            self.stdout.write("The demo team has pictures already; nothing to do.")
            return
        ordered = demo.order_pictures(people=people, count=pictures, seed=seed)
        with demo.hurried_emulator():
            demo.draw(ordered)
        demo.backdate(ordered)
        ledger.rebuild()
        done = Generation.objects.filter(id__in=[row.id for row in ordered], state=State.DONE)
        demo.star_some(people=people, generations=list(done), seed=seed)
        demo.arrange(people=people, generations=list(done), seed=seed)
        demo.limit_spending()
        self.stdout.write(f"{done.count()} of {pictures} pictures generated for the {demo.TEAM}.")

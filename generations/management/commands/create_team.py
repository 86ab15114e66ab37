from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.models import Team
from generations.services.teams.teams_and_users import create_team


class Command(BaseCommand):
    help = "Create a team; `invite` adds its first owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *, name: str, **options: Any) -> None:
        name = " ".join(name.split())
        longest = Team._meta.get_field("name").max_length or 0
        if not 0 < len(name) <= longest:
            raise CommandError(f"The name has {len(name)} characters; it takes 1 to {longest}.")
        team = create_team(actor=None, name=name)
        self.stdout.write(f"{team} is at /t/{team.slug}/. Invite its owner:")
        self.stdout.write(f"  manage.py invite EMAIL --team {team.slug} --role owner")

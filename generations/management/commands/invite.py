from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from generations.conf import conf
from generations.errors import GalleryError
from generations.models import Role, Team
from generations.services.teams.invitations import invite


class Command(BaseCommand):
    help = "Invite a user to a team and print the link, which works once, for 7 days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--team", required=True, help="the team's slug, as in /t/SLUG/")
        parser.add_argument("--role", choices=Role.values, default=Role.MEMBER)

    def handle(self, *, email: str, team: str, role: str, **options: Any) -> None:
        found = Team.objects.filter(slug=team).first()
        if found is None:
            slugs = ", ".join(Team.objects.order_by("id").values_list("slug", flat=True)[:10])
            raise CommandError(f"There is no team {team!r}; there are: {slugs or 'none yet, see create_team'}.")
        try:
            validate_email(email)
            _, token = invite(actor=None, team=found, role=Role(role), email=email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except GalleryError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{conf().site_url}{reverse('invitation', args=[token])}")

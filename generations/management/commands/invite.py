from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from generations.conf import conf
from generations.errors import GalleryError
from generations.models import Role
from generations.services.teams.invitations import invite
from generations.services.teams.teams_and_users import find_team


class Command(BaseCommand):
    help = "Invite a user to a team and print the link, which works once, for 7 days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--team", required=True, help="the team's slug, as in /t/SLUG/, or its name")
        parser.add_argument("--role", choices=Role.values, default=Role.MEMBER)

    def handle(self, *, email: str, team: str, role: str, **options: Any) -> None:
        try:
            validate_email(email)
            _, token = invite(actor=None, team=find_team(team), role=Role(role), email=email)
        except LookupError as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except GalleryError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{conf().site_url}{reverse('invitation', args=[token])}")

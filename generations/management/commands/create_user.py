import getpass
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import IntegrityError

from generations.models import Role
from generations.services.teams.teams_and_users import create_user, has_superuser

NO_SUPERUSER = (
    "This site has no admin yet. Limits of new teams, the provider page and its alerts need a superuser: "
    "manage.py createsuperuser"
)


class Command(BaseCommand):
    help = "Create a user in a team; the team is created if there is none of this name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--team", required=True, help="name of a new team, or name or slug of an existing one")
        parser.add_argument("--role", choices=Role.values, default=Role.MEMBER)
        parser.add_argument("--name", default="", help="display name")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *, email: str, team: str, role: str, name: str, password_stdin: bool, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else self._ask()
        try:
            validate_email(email)
            create_user(email=email, password=password, team_name=team, role=role, name=name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except IntegrityError as error:
            raise CommandError(f"{email} already has an account. Use another email address.") from error
        self.stdout.write(f"{email} is {role} of {team}.")
        if not has_superuser():
            self.stdout.write(NO_SUPERUSER)

    def _ask(self) -> str:
        try:
            password = getpass.getpass("Password: ")
        except EOFError:
            raise CommandError("There is no terminal to ask on. Pipe the password in with --password-stdin.") from None
        if password != getpass.getpass("Password (again): "):
            raise CommandError("The two passwords differ; no user was created.")
        return password

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.models import User
from generations.services.accounts.two_factor import remove_all

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Remove the authenticator app, passkeys and recovery codes of a user who has lost them all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *, email: str, **options: Any) -> None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"No user has the email address {email!r}.")
        if not remove_all(user=user):
            raise CommandError(f"{user} has no second factor.")
        logger.warning("the second factor of %s was removed from the command line", user)
        self.stdout.write(
            f"{user} now signs in with the password alone, and was notified by email. Nobody was signed out."
        )

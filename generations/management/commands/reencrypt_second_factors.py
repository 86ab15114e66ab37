from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.services.accounts.two_factor import reencrypt_all


class Command(BaseCommand):
    help = "Encrypt the secrets of authenticator apps and recovery codes with the present DJANGO_SECRET_KEY."

    def handle(self, **options: Any) -> None:
        count, unreadable = reencrypt_all()
        self.stdout.write(f"{count} secrets are encrypted with the present DJANGO_SECRET_KEY.")
        if unreadable:
            raise CommandError(
                f"{unreadable} more cannot be read with it, nor with DJANGO_SECRET_KEY_FALLBACKS. Add the key that was "
                "used before, or run remove_second_factor for the users who cannot sign in."
            )

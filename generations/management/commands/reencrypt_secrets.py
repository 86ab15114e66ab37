from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.services.accounts.two_factor import reencrypt_all
from generations.services.sharing.share_links import reencrypt_tokens


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of authenticator apps, recovery codes and share links with the present DJANGO_SECRET_KEY."
    )

    def handle(self, **options: Any) -> None:
        count, unreadable = reencrypt_all()
        tokens, lost = reencrypt_tokens()
        self.stdout.write(f"{count} second factors and {tokens} share links use the present DJANGO_SECRET_KEY.")
        if unreadable or lost:
            raise CommandError(
                f"{unreadable} second factors and {lost} share links cannot be read with it, nor with "
                "DJANGO_SECRET_KEY_FALLBACKS. Add the key that was used before, or run remove_second_factor for the "
                "users who cannot sign in. The links work, but nobody can copy them again."
            )

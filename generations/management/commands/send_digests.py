from typing import Any

from django.core.management.base import BaseCommand

from generations.conf import conf
from generations.services.activity.digests import send_due


class Command(BaseCommand):
    help = "Email users their unread notifications. The sweeper does it every hour."

    def handle(self, **options: Any) -> None:
        if not conf().mail_configured:
            self.stdout.write("Email isn't set up: set EMAIL_URL.")
            return
        sent = send_due()
        self.stdout.write(f"Sent {sent} digest{'' if sent == 1 else 's'}.")

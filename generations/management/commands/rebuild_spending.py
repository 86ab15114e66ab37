from typing import Any

from django.core.management.base import BaseCommand

from generations import ledger


class Command(BaseCommand):
    help = "Add the days of the ledger up again, from its entries. Can run at any time; pages stay correct meanwhile."

    def handle(self, **options: Any) -> None:
        days = ledger.rebuild()
        self.stdout.write(f"Added up {days} day{'' if days == 1 else 's'} again.")

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations import schema
from generations.schema.document import document

TARGET = Path("docs/parameters.md")


class Command(BaseCommand):
    help = "Write docs/parameters.md from the parameter schemas."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only report whether it is up to date")

    def handle(self, *, check: bool, **options: Any) -> None:
        text = document(schema.load().values())
        if check and TARGET.read_text(encoding="utf-8") != text:
            raise CommandError(f"{TARGET} is stale; write it again with: make docs")
        if not check:
            TARGET.write_text(text, encoding="utf-8")
        self.stdout.write(f"{TARGET} {'is up to date' if check else 'written'}.")

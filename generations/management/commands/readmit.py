import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.errors import GalleryError
from generations.models import AttemptState
from generations.pipeline.reconciliation.reprocess import reprocess
from generations.pipeline.worker.fulfil import configured_provider
from generations.storage import spool


class Command(BaseCommand):
    help = "Process answers again that were paid for and held no picture, once the cause is fixed. Free."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "attempts", nargs="*", type=uuid.UUID, metavar="ATTEMPT", help="as DATA_DIR/rejected names it"
        )
        parser.add_argument("--all", action="store_true", help="every answer that is kept")

    def handle(self, *, attempts: list[uuid.UUID], all: bool, **options: Any) -> None:
        if bool(attempts) == all:
            raise CommandError("Name attempts, or say --all.")
        chosen = list(spool.kept_aside()) if all else attempts
        stored = sum(self._process(one) for one in chosen)
        self.stdout.write(f"{stored} of {len(chosen)} are pictures now.")

    def _process(self, attempt_id: uuid.UUID) -> bool:
        try:
            attempt = reprocess(attempt_id, configured_provider())
        except GalleryError as error:
            self.stderr.write(error.message)
            return False
        self.stdout.write(f"{attempt_id}: {attempt.state}. {attempt.reason}".rstrip())
        return attempt.state == AttemptState.STORED

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import to_locale

from generations.management.messages import catalogues, extract


class Command(BaseCommand):
    help = "Write the catalogue of a language with the messages of the source; translations in it are kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("-l", "--locale", action="append", required=True, help="the language, such as de or pt-br")

    def handle(self, *, locale: list[str], **options: Any) -> None:
        try:
            found = extract.messages(settings.BASE_DIR)
        except extract.NotAMessage as error:
            raise CommandError(str(error)) from error
        for language in locale:
            path = catalogues.path_of(settings.LOCALE_PATHS[0], language)
            catalogue = catalogues.update(path, language, found)
            missing = len(catalogue.untranslated_entries())
            self.stdout.write(f"{path}: {len(found)} messages, {missing} not translated yet ({to_locale(language)})")

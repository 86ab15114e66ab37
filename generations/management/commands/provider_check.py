"""`manage.py provider_check`: what this site expects of the provider, compared with what is received."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import zip_longest
from textwrap import wrap
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations import schema
from generations.conf import EMULATOR_KEY, Conf, conf
from generations.emulator import Emulator
from generations.errors import GalleryError, NotSent, ProviderError
from generations.management.provider_check.checker import ProviderChecker, describe_error
from generations.management.provider_check.expectations import CheckResult
from generations.models import Team
from generations.providers import provider_for
from generations.providers.verdicts import presentable
from generations.services.teams.teams_and_users import find_team

DIFFERS, COULD_NOT_RUN = 1, 2
MARKS = {True: "ok", False: "differs", None: "-"}
MAX_COLUMN_WIDTHS = (46, 64, 7)
EMULATOR_SPEED_UP = 100.0


class Command(BaseCommand):
    help = (
        "Compare what this site expects of the provider with what is received: free, except for one call with "
        "--spend. Exits with 0 when all is as expected, 1 when something differs, 2 when it could not run."
    )
    # It reports on settings itself, and needs no database.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--spend", action="store_true", help="make one paid call, the cheapest there is")
        parser.add_argument("--team", default="", help="the team that pays, by slug or name; needed with --spend")

    def handle(self, *, spend: bool, team: str, **options: Any) -> None:
        results: list[CheckResult] = []
        try:
            with provider_settings() as settings:
                self._introduce(settings)
                payer = self._payer(team) if spend and not settings.emulated else None
                results.extend(ProviderChecker(settings, payer).run(self.stdout.write, spend=spend))
        except ProviderError as error:
            raise CommandError(f"The check could not run. {describe_error(error)}", returncode=COULD_NOT_RUN) from error
        except (GalleryError, LookupError, ValueError) as error:
            raise CommandError(f"The check could not run. {error}", returncode=COULD_NOT_RUN) from error
        finally:
            self._print_table(results)
        if differing := sum(result.matches is False for result in results):
            message = f"{differing} of {len(results)} differ from what this site expects; see docs/provider.md."
            raise CommandError(message, returncode=DIFFERS)
        self.stdout.write("Everything that could be compared is as expected.")

    def _introduce(self, settings: Conf) -> None:
        what = f"API {settings.api_version}, history at {settings.history_url}"
        if settings.emulated:
            self.stdout.write("SEGMIND_API_KEY is empty: this checks an emulator and says nothing about Segmind.")
        self.stdout.write(f"Asking {settings.base_url} ({what}).")

    def _payer(self, word: str) -> Team:
        if not word:
            raise LookupError("A team has to pay for the call: name one with --team.")
        return find_team(word, Team.objects.exclude(pk__in=Team.objects.closed()))

    def _print_table(self, results: Sequence[CheckResult]) -> None:
        if not results:
            return
        rows = [("what we expect", "what was received", "")]
        # What was received is from outside: one line of printable characters, and no key in it.
        rows += [(one.expected, presentable(one.received, conf().api_key), MARKS[one.matches]) for one in results]
        widths = [min(limit, max(len(row[n]) for row in rows)) for n, limit in enumerate(MAX_COLUMN_WIDTHS)]
        for row in rows:
            cells = [wrap(cell, limit) for cell, limit in zip(row, MAX_COLUMN_WIDTHS, strict=True)]
            for line in zip_longest(*cells, fillvalue=""):
                padded = (f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
                self.stdout.write(" | ".join(padded).rstrip())


@contextmanager
def provider_settings() -> Iterator[Conf]:
    """Yield the settings of the provider; without a key and a running emulator, start an emulator meanwhile."""
    settings = conf()
    if not settings.emulated or _answers(settings):
        yield settings
        return
    with Emulator(schema.load(), speed_up=EMULATOR_SPEED_UP) as emulator:
        url = emulator.url
        hosts = frozenset({"127.0.0.1"})
        yield replace(settings, base_url=url, history_url=url, api_key=EMULATOR_KEY, file_hosts=hosts)


def _answers(settings: Conf) -> bool:
    try:
        provider_for(settings).balance()
    except NotSent:
        return False
    except ProviderError:
        pass  # it answers, even if not well; the check reports that
    return True

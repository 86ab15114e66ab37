"""`manage.py provider_check`: what this site assumes about the provider, against what comes from it."""

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
from generations.management.assumptions import Finding
from generations.management.inspection import Inspection, sentence
from generations.models import Team
from generations.providers import provider_for
from generations.providers.verdicts import presentable

DIFFERS, COULD_NOT_RUN = 1, 2
MARKS = {True: "ok", False: "differs", None: "-"}
WIDTHS = (46, 64, 7)
HURRY = 100.0


class Command(BaseCommand):
    help = (
        "Compare what this site assumes about the provider with what comes from it: free, but for one call with "
        "--spend. Ends with 0 when all is as assumed, 1 when something differs, 2 when it could not run."
    )
    # It tells about settings itself, and needs no database.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--spend", action="store_true", help="make one paid call, the cheapest there is")
        parser.add_argument("--team", default="", help="the team (its slug) that pays for it; needed with --spend")

    def handle(self, *, spend: bool, team: str, **options: Any) -> None:
        findings: list[Finding] = []
        try:
            with someone_to_ask() as settings:
                self._introduce(settings)
                payer = self._payer(team) if spend and not settings.emulated else None
                findings.extend(Inspection(settings, payer).all(self.stdout.write, spend=spend))
        except ProviderError as error:
            raise CommandError(f"The check could not run. {sentence(error)}", returncode=COULD_NOT_RUN) from error
        except (GalleryError, ValueError) as error:
            raise CommandError(f"The check could not run. {error}", returncode=COULD_NOT_RUN) from error
        finally:
            self._table(findings)
        if differing := sum(finding.agrees is False for finding in findings):
            told = f"{differing} of {len(findings)} differ from what this site assumes; see docs/provider.md."
            raise CommandError(told, returncode=DIFFERS)
        self.stdout.write("Everything that could be compared is as assumed.")

    def _introduce(self, settings: Conf) -> None:
        what = f"API {settings.api_version}, history at {settings.history_url}"
        if settings.emulated:
            self.stdout.write("SEGMIND_API_KEY is empty: this checks an emulator and says nothing about Segmind.")
        self.stdout.write(f"Asking {settings.base_url} ({what}).")

    def _payer(self, slug: str) -> Team:
        paying = Team.objects.exclude(pk__in=Team.objects.closed())
        found = paying.filter(slug=slug).first()
        if found is None:
            known = ", ".join(paying.values_list("slug", flat=True)) or "none yet, create_user makes one"
            asked = f"There is no team {slug!r} that can pay" if slug else "Somebody has to pay for the call"
            raise ValueError(f"{asked}: name one with --team. Teams: {known}.")
        return found

    def _table(self, findings: Sequence[Finding]) -> None:
        if not findings:
            return
        rows = [("what we assume", "what came", "")]
        # What came is from outside: one line of printable characters, and no key in it.
        rows += [(one.assumed, presentable(one.came, conf().api_key), MARKS[one.agrees]) for one in findings]
        widths = [min(most, max(len(row[n]) for row in rows)) for n, most in enumerate(WIDTHS)]
        for row in rows:
            cells = [wrap(cell, most) for cell, most in zip(row, WIDTHS, strict=True)]
            for line in zip_longest(*cells, fillvalue=""):
                padded = (f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
                self.stdout.write(" | ".join(padded).rstrip())


@contextmanager
def someone_to_ask() -> Iterator[Conf]:
    """The settings' provider; where there is no key and no emulator runs, one of our own for as long as it takes."""
    settings = conf()
    if not settings.emulated or _listens(settings):
        yield settings
        return
    with Emulator(schema.load(), speed_up=HURRY) as emulator:
        url = emulator.url
        files = frozenset({"127.0.0.1"})
        yield replace(settings, base_url=url, history_url=url, api_key=EMULATOR_KEY, file_hosts=files)


def _listens(settings: Conf) -> bool:
    try:
        provider_for(settings).balance()
    except NotSent:
        return False
    except ProviderError:
        pass  # it answers, if not well; the check will say so
    return True

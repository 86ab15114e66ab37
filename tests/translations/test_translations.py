"""All that people read is in a message, and every message can be found."""

import re
from pathlib import Path

from generations.management.messages import extract
from tests.translations.untranslated import MODULES, lines

ROOT = Path(__file__).resolve().parents[2]
# Names of the demo, columns of a standard, descriptions of an enumeration and for Prometheus, words inside of files.
OF_OTHERS = {
    "generations/services/teams/demo_team.py", "generations/services/spending/exports.py",
    "generations/services/site/mail.py", "generations/views/site/metrics.py",
    "generations/imaging/provenance_packet.py", "generations/imaging/signing.py",
}  # fmt: skip
# Stored in the audit log or written to the logs; names of headers, files and cookies; words of the provider.
NOT_READ = {
    "{} picture{} for {}", "in downloads: {}, in shared pictures: {}", "per person: {} in progress, {} a minute",
    "user {}", "requests above {}", "collection {}", " (site limit)", "new pictures: {}, cost centre: {}, {}",
    "added {}", "changed {} ({})", "deleted {}", "guessed from many networks", "new recovery codes",
    "removed by a site admin", "sign-in refused", "password link limit", "rate limit {}", "{} to {}", "share link ",
    "The demo has ended: {} can no longer sign in. Their pictures are kept.",
    "This site is a demo again: {} can sign in.", "{} teams are called {}", "There is no team {}", "pause: {}",
    "orders fail: {}", "by {}", "Lax", "Origin", "Forwarded", "Authorization", "Referer", "Connection",
    "noindex, nofollow", "noindex, nofollow, noarchive, noimageindex", "HTTP {} {} {}", "Membership", " UNION ALL ",
    "Field[Any, Any]", "CAST(ROUND(%(expressions)s * 10000000000) AS INTEGER)", "invalid: {}",
    "internal polling error", "no credits found", "{} in the list, {} added, {} removed", "report {}: {}",
}  # fmt: skip


# Names of keys, of a header, and of what is dropped.
KEYS = {"Escape", "Enter", "Home", "Delete", "Space", "Date", "Files"}


def test_every_message_is_written_out():
    assert len(extract.messages(ROOT)) > 1_000


def test_templates_have_no_text_outside_of_messages():
    assert list(lines([ROOT / "templates"])) == []


def test_scripts_take_their_sentences_from_the_page():
    prose = re.compile(r"""(["'`])[A-Z][a-z]+(?: [a-z]+)+[^"'`]*\1|(["'`])[A-Z][a-z]{3,}\2""")
    found = [
        f"{path.name}: {match[0]}"
        for path in sorted((ROOT / "static" / "js").rglob("*.js"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for match in prose.finditer(line.partition("//")[0])
    ]

    assert [one for one in found if one.split(": ")[1].strip("\"'`") not in KEYS] == []


def test_modules_have_no_text_outside_of_messages():
    found = (
        line.removeprefix(f"{ROOT}/").split(":", 2) for line in lines([ROOT / "generations" / name for name in MODULES])
    )
    left = [f"{path}:{number}:{text}" for path, number, text in found if path not in OF_OTHERS]

    assert [line for line in left if line.split(": ", 1)[1] not in NOT_READ] == []

"""The file `.env`: settings that somebody would otherwise type before each command.

python-dotenv passes over a line that it cannot read, and replaces variables inside values; here such a line is an
error, and a value is what stands there. The Makefile asks before anything is installed, so nothing but the standard
library is needed: `python3 hidream_site/env_file.py` prints the list in requirements/ that the settings call for.
"""

import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / ".env"
ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=([^\0]*)", re.ASCII)
# A comment may follow what is quoted.
QUOTED = re.compile(r"""\s*(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:\#.*)?""", re.VERBOSE)


def chosen(env: Mapping[str, str] = os.environ) -> Path | None:
    """Return the file that is read: ENV_FILE's, else `.env` beside manage.py where there is one. Empty: none."""
    named = env.get("ENV_FILE")
    if named is None:
        return FILE if FILE.exists() else None
    return Path(named) if named.strip() else None


def read(path: Path) -> dict[str, str]:
    """Return the variables of the file. Raises ValueError, which names the line and never its value."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ValueError(f"{path} cannot be read: {reason}. Fix it, or set ENV_FILE= to do without.") from None
    found = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = ASSIGNMENT.fullmatch(line)
        value = None if match is None else _value(match[2])
        if match is None or value is None:
            raise ValueError(
                f"{path}, line {number}, cannot be read. Write NAME=value on one line, with '…' around a value that "
                "has quotes or a # in it, or put # before the line."
            )
        found[match[1]] = value
    return found


def load(env: MutableMapping[str, str] = os.environ) -> tuple[Path, list[str]] | None:
    """Put the variables of the file into the environment, which wins; return it and the names that it gave a value.

    Processes that are started from here inherit them, and read no file of their own. Raises ValueError.
    """
    path = chosen(env)
    if path is None:
        return None
    new = {name: value for name, value in read(path).items() if name not in env}
    env.update(new)
    env["ENV_FILE"] = ""
    return path, sorted(name for name, value in new.items() if value)


def requirements() -> str:
    """Return the name of the list in requirements/ that the site needs: PostgreSQL has a driver of its own."""
    load()
    return "production" if os.environ.get("DATABASE_URL", "").strip().startswith("postgres") else "runtime"


def _value(text: str) -> str | None:
    """Return a value without its quotes and the comment behind it; None when a quote is not closed."""
    if match := QUOTED.fullmatch(text):
        return re.sub(r'\\(["\\])', r"\1", match[2]) if match[1] is None else match[1]
    plain = re.split(r"\s#", text, maxsplit=1)[0].strip()
    return None if plain[:1] in {"'", '"'} else plain


if __name__ == "__main__":
    try:
        sys.stdout.write(requirements() + "\n")
    except ValueError as error:
        sys.exit(str(error))

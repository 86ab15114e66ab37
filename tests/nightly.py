"""`make nightly`: everything that is too long for each commit, one part after the other, and one table at the end.

`args="PART ..."` runs some of the parts. What each one says is in var/nightly/PART.log.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "nightly"
MANY = "-n auto --dist worksteal"
ALL = f"{MANY} --nightly"
# How each kind of part says at its end how much it was.
COUNTS = (
    r"^(?:=+ )?((?:\d+ failed, )?\d+ passed.*?)(?: in [\d.]+s.*)?$",
    r"^(\d+/\d+ design errors found)",
    r"(\d[\d,]* steps in [\d,]+ stories)",
)
NEXT_PYTHON, NEXT_DJANGO = "3.13", "django>=6.1,<6.2"
# Django 5.2 knows no MAILERS, which 6.1 would rather have.
NEXT_ALLOWS = ["-W", "ignore:The EMAIL_"]


@dataclass(frozen=True)
class Part:
    """`command` returns what to run, or a sentence on why it cannot be run here."""

    name: str
    command: Callable[[], list[str] | str]


@dataclass(frozen=True)
class Result:
    part: str
    count: str
    result: str
    minutes: float

    @property
    def line(self) -> str:
        return f"| {self.part:13} | {self.count:36} | {self.result:40} | {self.minutes:7.1f} |"


def make(*words: str) -> Callable[[], list[str]]:
    return lambda: ["make", "--no-print-directory", *words]


def next_release() -> list[str] | str:
    """Return how to run the tests of a commit on the Python and the Django to come, in an environment of their own."""
    python = shutil.which(f"python{NEXT_PYTHON}") or _of_uv()
    if not python:
        return f"skipped: there is no Python {NEXT_PYTHON} here"
    folder = FOLDER / "next"
    folder.mkdir(exist_ok=True)
    (folder / "override.txt").write_text(NEXT_DJANGO + "\n")
    own, locked = folder / "venv" / "bin" / "python", folder / "requirements.txt"
    uv = [sys.executable, "-m", "uv"]
    for words in (
        ["pip", "compile", "pyproject.toml", "--extra", "dev", "--quiet", "--python-version", NEXT_PYTHON,
         "--override", str(folder / "override.txt"), "--output-file", str(locked)],
        ["venv", "--quiet", "--clear", "--python", python, str(folder / "venv")],
        ["pip", "install", "--quiet", "--python", str(own), "--requirement", str(locked)],
    ):  # fmt: skip
        done = subprocess.run([*uv, *words], cwd=ROOT, check=False, capture_output=True, text=True)
        if done.returncode:
            return f"FAILED: {done.stderr.strip().splitlines()[-1]}"
    return [str(own), "-m", "pytest", *MANY.split(), *NEXT_ALLOWS, "-m", "not e2e", "-p", "no:cacheprovider"]


def _of_uv() -> str | None:
    words = [sys.executable, "-m", "uv", "python", "find", NEXT_PYTHON, "--no-python-downloads"]
    found = subprocess.run(words, check=False, capture_output=True, text=True)
    return found.stdout.strip() or None


PARTS = [
    Part("check", make("-k", "check")),
    Part("sqlite", make("test", f"args={ALL}")),
    Part("postgres", make("test", "db=postgres", f"args={ALL} -m 'not e2e'")),
    Part("stateful", make("stateful")),
    Part("mutation-test", make("mutation-test")),
    Part("chaos", make("chaos", "N=200", "SEEDS=1..2")),
    Part("chaos-pg", make("chaos", "N=200", "SEEDS=1..2", "DB=pg", "API=v2")),
    Part("chaos-control", make("chaos-control", "N=200", "DB=pg")),
    Part("secret-scan", make("secret-scan")),
    Part("next", next_release),
    Part("bench", make("bench")),
]


def main(words: list[str]) -> int:
    """Run the parts, print the table; 1 when one of them failed."""
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(prog="make nightly", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(names)}; all when none is named")
    asked = parser.parse_args(words).parts
    if unknown := set(asked) - set(names):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    results = [run(part) for part in PARTS if not asked or part.name in asked]
    print(f"\n| {'part':13} | {'count':36} | {'result':40} | minutes |")
    print(f"| {'---':13} | {'---':36} | {'---':40} | ------: |")
    for result in results:
        print(result.line)
    return int(any(result.result.startswith("FAILED") for result in results))


def run(part: Part) -> Result:
    began = time.monotonic()
    log = FOLDER / f"{part.name}.log"
    log.write_text("")
    print(f"{part.name} ... (in {log.relative_to(ROOT)})", flush=True)
    command = part.command()
    if isinstance(command, str):
        print(f"  {command.upper() if command.startswith('skipped') else command}", flush=True)
        return Result(part.name, "", command, (time.monotonic() - began) / 60)
    with log.open("w") as output:
        code = subprocess.run(command, cwd=ROOT, check=False, stdout=output, stderr=output).returncode
    result = "passed" if code == 0 else f"FAILED with {code}"
    return Result(part.name, counted(log.read_text(errors="replace")), result, (time.monotonic() - began) / 60)


def counted(said: str) -> str:
    """Return what the last line says that tells how much a part was."""
    found = [match for pattern in COUNTS for match in re.findall(pattern, said, re.MULTILINE)]
    return found[-1].strip(" =") if found else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

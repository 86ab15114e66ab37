"""`.env` beside manage.py: what is read, what is refused, and who never reads it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hidream_site import env_file
from tests.infrastructure.deployment import COMPOSE

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("  NAME = two words  ", "two words"),
        ("export NAME=value", "value"),
        ("NAME=", ""),
        ("NAME=   # nothing", ""),
        ("NAME=value # why", "value"),
        ("NAME=value#7", "value#7"),
        ("NAME=a=b==", "a=b=="),
        ("NAME=it's", "it's"),
        ("NAME='a # b' # why", "a # b"),
        ("NAME='$HOME'", "$HOME"),
        ("NAME=$HOME", "$HOME"),
        (r'NAME="a \"b\" \\ c"', r'a "b" \ c'),
        ("NAME=ünï", "ünï"),
    ],
)
def test_value_is_read(tmp_path, line, value):
    assert env_file.read(written(tmp_path, line)) == {"NAME": value}


def test_file_of_another_system_is_read(tmp_path):
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfFIRST=1\r\n\r\n# a comment\r\nSECOND=2\r\nFIRST=3")

    assert env_file.read(path) == {"FIRST": "3", "SECOND": "2"}


@pytest.mark.parametrize(
    "line", ["NAME", "=hunter2", "1NAME=hunter2", "NAME='hunter2", 'NAME="hunter2" more', "A B=hunter2"]
)
def test_line_that_cannot_be_read_is_named_without_its_value(tmp_path, line):
    path = written(tmp_path, f"FIRST=1\n\n{line}")

    with pytest.raises(ValueError, match="cannot be read") as refused:
        env_file.read(path)

    assert f"{path}, line 3, cannot be read. Write NAME=value" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_file_that_cannot_be_read_is_named_with_the_way_out(tmp_path):
    (tmp_path / "latin").write_bytes(b"NAME=\xfc")

    for path, reason in {"missing": "No such file", "": "Is a directory", "latin": "it is not UTF-8"}.items():
        with pytest.raises(ValueError, match=reason) as refused:
            env_file.read(tmp_path / path)
        assert "set ENV_FILE= to do without" in str(refused.value)


def test_environment_wins_and_children_read_no_file(tmp_path):
    path = written(tmp_path, "GIVEN=file\nEMPTY=file\nNEW=file\nNOTHING=")
    env = {"ENV_FILE": str(path), "GIVEN": "environment", "EMPTY": ""}

    assert env_file.load(env) == (path, ["NEW"])
    assert env == {"ENV_FILE": "", "GIVEN": "environment", "EMPTY": "", "NEW": "file", "NOTHING": ""}
    assert env_file.load(env) is None


def test_processes_of_tests_and_of_production_read_no_file():
    assert os.environ["ENV_FILE"] == ""
    assert env_file.chosen(os.environ) is None
    assert {COMPOSE["services"][name]["environment"]["ENV_FILE"] for name in ("web", "worker", "sweeper")} == {""}
    assert "ENV_FILE=\n" in (ROOT / "Dockerfile").read_text()


def written(folder: Path, text: str) -> Path:
    path = folder / "settings.env"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of the site that may have a `.env`."""
    shutil.copy(ROOT / "manage.py", tmp_path)
    shutil.copytree(ROOT / "hidream_site", tmp_path / "hidream_site", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("generations", "static", "templates"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


ASK = "from django.conf import settings as s; print(s.TIME_ZONE, s.SEGMIND_API_KEY or 'no key', s.DATA_DIR)"


def manage(checkout: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in {"ENV_FILE", "DATA_DIR"}}
    return subprocess.run(
        [sys.executable, str(checkout / "manage.py"), *words],
        env={**inherited, "DJANGO_SETTINGS_MODULE": "hidream_site.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def ask(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return manage(checkout, "shell", "--verbosity", "0", "-c", ASK, **environment)


def test_command_reads_the_file_beside_it_and_names_the_variables(checkout):
    (checkout / ".env").write_text("TIME_ZONE=Europe/Berlin\nSEGMIND_API_KEY=SG_of_a_file\nDATA_DIR=/nowhere\n")

    said = ask(checkout, DATA_DIR=str(checkout / "data"))

    assert said.stdout == f"Europe/Berlin SG_of_a_file {checkout}/data\n"
    assert said.stderr == "Settings from .env: SEGMIND_API_KEY, TIME_ZONE\n"


def test_without_a_file_nothing_is_said(checkout):
    said = ask(checkout)

    assert (said.stdout, said.stderr) == (f"UTC no key {checkout}/var\n", "")


def test_empty_env_file_leaves_the_file_alone(checkout):
    (checkout / ".env").write_text("SEGMIND_API_KEY=SG_of_a_file\n")

    said = ask(checkout, ENV_FILE="")

    assert (said.stdout, said.stderr) == (f"UTC no key {checkout}/var\n", "")


def test_line_that_cannot_be_read_stops_the_command(checkout):
    (checkout / ".env").write_text("SEGMIND_API_KEY 'SG_of_a_file'\n")

    said = ask(checkout)

    assert said.returncode == 1
    assert said.stderr.startswith(f"{checkout}/.env, line 1, cannot be read.")
    assert "SG_of_a_file" not in said.stderr


@pytest.mark.parametrize(
    ("line", "wanted"),
    [("", "runtime"), ("DATABASE_URL=postgres://a@b/c", "production"), ("DATABASE_URL=sqlite:///x", "runtime")],
)
def test_makefile_is_told_which_list_the_settings_need(tmp_path, line, wanted):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    said = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "hidream_site" / "env_file.py")],
        env={**environment, "ENV_FILE": str(written(tmp_path, line))},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.strip() == wanted
    assert (ROOT / "requirements" / f"{wanted}.txt").exists()

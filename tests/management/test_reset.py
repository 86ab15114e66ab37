import os
import subprocess
import sys
from pathlib import Path

import pytest

from generations.management.devserver.reaper import is_alive
from tests.eventually import eventually
from tests.management.devserver.test_supervisor import Example

ROOT = Path(__file__).resolve().parents[2]


def reset(data: Path, *words: str, answer: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "hidream_site.settings"}
    command = [sys.executable, str(ROOT / "manage.py"), "reset", *words]
    return subprocess.run(command, env=environment, input=answer, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


@pytest.fixture
def data(folder):
    """Return the folder of a site that has been used."""
    (folder / "gallery.sqlite3").touch()
    (folder / "originals").mkdir()
    (folder / "originals" / "picture.png").touch()
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_yes_deletes_everything(data):
    done = reset(data, answer="yes\n")

    assert done.returncode == 0
    assert names(data) == set()


def test_any_other_answer_changes_nothing(data):
    done = reset(data, answer="y\n")

    assert "Nothing was changed." in done.stdout
    assert names(data) == {"gallery.sqlite3", "originals"}


def test_folder_that_is_not_ours_is_refused(folder):
    (folder / "thesis.odt").touch()

    refused = reset(folder, "--yes")

    assert refused.returncode == 1
    assert "does not look like this site's data" in refused.stderr
    assert names(folder) == {"thesis.odt"}


def test_empty_folder_has_nothing_to_reset(folder):
    assert "nothing to reset" in reset(folder).stdout


@pytest.mark.faults
def test_running_site_is_stopped_first(folder):
    example = Example(folder)
    pids = example.pids

    done = reset(folder, "--yes")

    example.process.communicate(timeout=120)
    assert done.returncode == 0
    assert "REDIS_URL" not in done.stdout  # its broker was the run's own, and went with it
    eventually(lambda: not any(is_alive(pid) for pid in pids))
    assert names(folder) == set()

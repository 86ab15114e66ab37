"""Whatever happens to the supervisor or to a child, nothing stays behind and nothing stays down."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generations.management.undertaker import is_alive
from tests.eventually import eventually
from tests.management.family import PATIENT
from tests.management.processes import children_of, command_of

pytestmark = pytest.mark.faults

NAMES = ("ground", "good", "deaf", "parent", "grandchild")


class Family:
    def __init__(self, directory: Path, *words: str, wrapper: tuple[str, ...] = ()) -> None:
        self.directory = directory
        command = [*wrapper, sys.executable, "-m", "tests.management.family", str(directory), *words]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        eventually(lambda: all((directory / f"{name}.pid").exists() for name in NAMES))

    def pid(self, name: str) -> int:
        return int((self.directory / f"{name}.pid").read_text())

    @property
    def pids(self) -> list[int]:
        return [self.pid(name) for name in NAMES]

    def starts(self, name: str) -> int:
        return len((self.directory / f"{name}.starts").read_text().split())

    def is_gone(self) -> bool:
        return not any(is_alive(pid) for pid in self.pids)


@pytest.fixture
def family(tmp_path):
    family = Family(tmp_path)
    yield family
    family.process.terminate()
    family.process.communicate()
    eventually(family.is_gone)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_everybody_and_the_foundation_last(family, number):
    family.process.send_signal(number)
    said, _ = family.process.communicate(timeout=120)

    assert family.is_gone()
    assert family.process.returncode == 0
    assert said.endswith("ended in order\n")
    ends = {name: float((family.directory / f"{name}.end").read_text()) for name in ("good", "ground")}
    assert ends["good"] < ends["ground"]


def test_second_signal_cuts_the_grace_short(tmp_path):
    family = Family(tmp_path, "patient")
    family.process.send_signal(signal.SIGINT)
    eventually((tmp_path / "good.end").exists)
    began = time.monotonic()
    family.process.send_signal(signal.SIGINT)
    family.process.communicate(timeout=PATIENT)

    assert family.is_gone()
    assert time.monotonic() - began < PATIENT / 2


def test_killed_supervisor_leaves_nobody(family):
    family.process.kill()
    family.process.wait()

    eventually(family.is_gone)
    assert (family.directory / "good.end").exists()  # it was asked first


def test_killed_supervisor_with_a_dead_undertaker_has_hired_another(family):
    [undertaker] = [pid for pid in children_of(family.process.pid) if "undertaker" in command_of(pid)]
    os.kill(undertaker, signal.SIGKILL)
    eventually(lambda: any("undertaker" in command_of(pid) for pid in children_of(family.process.pid) - {undertaker}))

    family.process.kill()
    family.process.wait()

    eventually(family.is_gone)


def test_next_run_waits_for_the_remains_of_a_killed_one(family, tmp_path):
    first = set(family.pids)
    family.process.kill()
    family.process.wait()
    for name in NAMES:
        (tmp_path / f"{name}.pid").unlink()

    second = Family(tmp_path)

    assert not any(is_alive(pid) for pid in first)
    second.process.terminate()
    second.process.communicate(timeout=120)


def test_second_run_is_refused_with_a_way_out(family):
    command = [sys.executable, "-m", "tests.management.family", str(family.directory)]

    refused = subprocess.run(command, capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert f"is already running (process {family.process.pid})" in refused.stderr


def test_killed_child_comes_back(family):
    first = family.pid("good")

    os.kill(first, signal.SIGKILL)

    eventually(lambda: family.pid("good") != first)
    family.process.terminate()
    said, _ = family.process.communicate(timeout=120)
    assert "good was ended by SIGKILL; it starts again in 0.5 s." in said


def test_killed_child_leaves_no_grandchild(family):
    grandchild = family.pid("grandchild")

    os.kill(family.pid("parent"), signal.SIGKILL)

    eventually(lambda: not is_alive(grandchild))
    eventually(lambda: family.starts("parent") == 2)


def test_child_that_keeps_dying_is_given_more_time_each_round(family):
    def kill_at_start(number: int) -> float:
        eventually(lambda: family.starts("good") == number)
        os.kill(int((family.directory / "good.starts").read_text().split()[-1]), signal.SIGKILL)
        return time.monotonic()

    first, second, third = (kill_at_start(number) for number in (1, 2, 3))
    family.process.terminate()
    said, _ = family.process.communicate(timeout=120)

    assert re.findall(r"good was ended by SIGKILL; it starts again in ([\d.]+) s", said)[:2] == ["0.5", "1"]
    assert second - first >= 0.5
    assert third - second >= 1


def test_supervisor_stops_with_its_parent(tmp_path):
    shell = '"$@" stop-with-parent & wait'
    family = Family(tmp_path, wrapper=("sh", "-c", shell, "sh"))

    family.process.kill()
    family.process.wait()

    eventually(family.is_gone)
    family.process.communicate(timeout=120)


def test_closed_terminal_stops_it(tmp_path):
    command = f'"{sys.executable}" -m tests.management.family "{tmp_path}" | head -n 1'
    with subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, text=True) as shell:
        said, _ = shell.communicate(timeout=120)

    assert said.endswith(" | WARNING loud word\n")
    assert not any(is_alive(int(path.read_text())) for path in tmp_path.glob("*.pid"))


def test_quiet_lines_go_to_the_log_only(family):
    family.process.terminate()
    said, _ = family.process.communicate(timeout=120)

    log = (family.directory / "logs" / "good.log").read_text()
    assert log == "INFO quiet word\nWARNING loud word\n"
    assert "    good | WARNING loud word" in said
    assert "quiet" not in said

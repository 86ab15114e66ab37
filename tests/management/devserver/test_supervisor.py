"""Whatever happens to the supervisor or to a child, nothing stays behind and nothing stays down."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generations.management.devserver.reaper import is_alive
from tests.eventually import eventually
from tests.management.devserver.example import PATIENT
from tests.management.devserver.process_tree import children_of, command_of

pytestmark = pytest.mark.faults

NAMES = ("broker", "good", "deaf", "parent", "grandchild")


class Example:
    def __init__(self, directory: Path, *words: str, wrapper: tuple[str, ...] = ()) -> None:
        self.directory = directory
        command = [
            *wrapper,
            sys.executable,
            "-m",
            "tests.management.devserver.example",
            str(directory),
            *words,
        ]
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
def example(tmp_path):
    example = Example(tmp_path)
    yield example
    example.process.terminate()
    example.process.communicate()
    eventually(example.is_gone)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_every_child_and_the_broker_last(example, number):
    example.process.send_signal(number)
    said, _ = example.process.communicate(timeout=120)

    assert example.is_gone()
    assert example.process.returncode == 0
    assert said.endswith("ended in order\n")
    ends = {name: float((example.directory / f"{name}.end").read_text()) for name in ("good", "broker")}
    assert ends["good"] < ends["broker"]


def test_second_signal_cuts_the_grace_short(tmp_path):
    example = Example(tmp_path, "patient")
    example.process.send_signal(signal.SIGINT)
    eventually((tmp_path / "good.end").exists)
    began = time.monotonic()
    example.process.send_signal(signal.SIGINT)
    example.process.communicate(timeout=PATIENT)

    assert example.is_gone()
    assert time.monotonic() - began < PATIENT / 2


def test_killed_supervisor_leaves_no_process(example):
    example.process.kill()
    example.process.wait()

    eventually(example.is_gone)
    assert (example.directory / "good.end").exists()  # it was asked first


def test_killed_supervisor_whose_reaper_was_killed_before_leaves_no_process(example):
    [reaper] = [pid for pid in children_of(example.process.pid) if "reaper" in command_of(pid)]
    os.kill(reaper, signal.SIGKILL)
    eventually(lambda: any("reaper" in command_of(pid) for pid in children_of(example.process.pid) - {reaper}))

    example.process.kill()
    example.process.wait()

    eventually(example.is_gone)


def test_next_run_waits_for_the_remains_of_a_killed_one(example, tmp_path):
    first = set(example.pids)
    example.process.kill()
    example.process.wait()
    for name in NAMES:
        (tmp_path / f"{name}.pid").unlink()

    second = Example(tmp_path)

    assert not any(is_alive(pid) for pid in first)
    second.process.terminate()
    second.process.communicate(timeout=120)


def test_second_run_is_refused_with_a_way_out(example):
    command = [sys.executable, "-m", "tests.management.devserver.example", str(example.directory)]

    refused = subprocess.run(command, capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert f"is already running (process {example.process.pid})" in refused.stderr


def test_killed_child_comes_back(example):
    first = example.pid("good")

    os.kill(first, signal.SIGKILL)

    eventually(lambda: example.pid("good") != first)
    example.process.terminate()
    said, _ = example.process.communicate(timeout=120)
    assert "good was ended by SIGKILL; it starts again in 0.5 s." in said


def test_killed_child_leaves_no_grandchild(example):
    grandchild = example.pid("grandchild")

    os.kill(example.pid("parent"), signal.SIGKILL)

    eventually(lambda: not is_alive(grandchild))
    eventually(lambda: example.starts("parent") == 2)


def test_child_that_keeps_dying_is_given_more_time_each_round(example):
    def kill_at_start(number: int) -> float:
        eventually(lambda: example.starts("good") == number)
        os.kill(int((example.directory / "good.starts").read_text().split()[-1]), signal.SIGKILL)
        return time.monotonic()

    first, second, third = (kill_at_start(number) for number in (1, 2, 3))
    example.process.terminate()
    said, _ = example.process.communicate(timeout=120)

    assert re.findall(r"good was ended by SIGKILL; it starts again in ([\d.]+) s", said)[:2] == ["0.5", "1"]
    assert second - first >= 0.5
    assert third - second >= 1


def test_supervisor_stops_with_its_parent(tmp_path):
    shell = '"$@" stop-with-parent & wait'
    example = Example(tmp_path, wrapper=("sh", "-c", shell, "sh"))

    example.process.kill()
    example.process.wait()

    eventually(example.is_gone)
    example.process.communicate(timeout=120)


def test_closed_terminal_stops_it(tmp_path):
    command = f'"{sys.executable}" -m tests.management.devserver.example "{tmp_path}" | head -n 1'
    with subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, text=True) as shell:
        said, _ = shell.communicate(timeout=120)

    assert said.endswith(" | WARNING loud word\n")
    assert not any(is_alive(int(path.read_text())) for path in tmp_path.glob("*.pid"))


def test_quiet_lines_go_to_the_log_only(example):
    example.process.terminate()
    said, _ = example.process.communicate(timeout=120)

    log = (example.directory / "logs" / "good.log").read_text()
    assert log == "INFO quiet word\nWARNING loud word\n"
    assert "    good | WARNING loud word" in said
    assert "quiet" not in said

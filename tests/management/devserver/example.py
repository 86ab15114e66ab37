"""A few supervised processes for the tests.

`python -m tests.management.devserver.example DIRECTORY [stop-with-parent] [patient]`

`good` ends when asked, `deaf` ignores SIGTERM, `parent` has a child of its own, `broker` is stopped last. Each writes
its process id into DIRECTORY, and the time of its end when it can.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from generations.management.devserver.child import Program
from generations.management.devserver.instance_lock import announce, instance_lock
from generations.management.devserver.supervisor import Supervisor

SCRIPT = """
import os, pathlib, signal, subprocess, sys, time
name, directory = sys.argv[1], pathlib.Path(sys.argv[2])
def leave(*_):
    (directory / f"{name}.end").write_text(str(time.monotonic()))
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if name == "deaf" else leave)
if name == "parent":
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (directory / "grandchild.new").write_text(str(grandchild.pid))
    (directory / "grandchild.new").rename(directory / "grandchild.pid")
with open(directory / f"{name}.starts", "a") as starts:
    starts.write(f"{os.getpid()}\\n")
print("INFO quiet word", flush=True)
print("WARNING loud word", flush=True)
# Whole or not at all: it may be ended at any moment.
(directory / f"{name}.new").write_text(str(os.getpid()))
(directory / f"{name}.new").rename(directory / f"{name}.pid")
time.sleep(600)
"""


PATIENT = 120


def program(name: str, directory: Path, grace: int) -> Program:
    command: Sequence[str] = [sys.executable, "-c", SCRIPT, name, str(directory)]
    return Program(name, command, os.environ, grace=grace, stop_order=int(name == "broker"))


def main(directory: Path, *, stop_with_parent: bool, grace: int) -> None:
    def say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    with instance_lock(directory) as lock:
        announce(lock, "", {"REDIS_URL": "redis://127.0.0.1:1/0"})
        supervisor = Supervisor(directory / "logs", say, stop_with_parent=stop_with_parent, keep_open=[lock])
        with supervisor:
            for name in ("broker", "good", "deaf", "parent"):
                supervisor.start(program(name, directory, grace))
            supervisor.run(until=lambda: False)
        supervisor.say("ended in order")


if __name__ == "__main__":
    words = sys.argv[2:]
    main(Path(sys.argv[1]), stop_with_parent="stop-with-parent" in words, grace=PATIENT if "patient" in words else 1)

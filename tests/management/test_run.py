"""`manage.py run` as a person starts it, except for the shortened waits of the emulator."""

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import requests

from generations.management.devserver.reaper import is_alive
from tests.eventually import eventually
from tests.infrastructure.ports import free_port
from tests.management.devserver.process_tree import command_of, descendants_of

pytestmark = [pytest.mark.faults, pytest.mark.services]

ROOT = Path(__file__).resolve().parents[2]
# A provider with a key, where nobody answers.
NOBODY = {"SEGMIND_API_KEY": "SG_of_nobody", "SEGMIND_BASE_URL": "http://127.0.0.1:9"}


class Run:
    def __init__(self, data: Path, *words: str, **environment: str) -> None:
        self.data = data
        clean = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "run", *words],
            env={
                **clean,
                "DJANGO_SETTINGS_MODULE": "hidream_site.settings",
                "DATA_DIR": str(data),
                "EMULATOR_SPEED_UP": "1000",
                # One of its own: on the usual ones a site may be running, also of a release that shares its port.
                "PORT": str(free_port()),
                **environment,
            },
            cwd=data,  # it must not depend on where it is started
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def wait_for(self, word: str, seconds: float = 600) -> None:
        """Read the output until it has the word."""
        began = time.monotonic()
        assert self.process.stdout
        while word not in self.said:
            line = self.process.stdout.readline()
            assert line, f"it ended: {self.said}"
            assert time.monotonic() - began < seconds, self.said
            self.said += line

    def finish(self, number: signal.Signals = signal.SIGINT) -> int:
        """Its exit code; the same again when it had ended already."""
        assert self.process.stdout
        self.process.send_signal(number)
        if not self.process.stdout.closed:
            self.said += self.process.communicate(timeout=240)[0]
        return self.process.returncode

    @property
    def address(self) -> str:
        found = re.search(r"http://localhost:\d+/", self.said)
        assert found
        return found[0]

    def processes(self) -> set[int]:
        return descendants_of(self.process.pid)

    def process_named(self, word: str) -> int:
        """Return the first process of that name: granian's workers carry it too."""
        return min(pid for pid in self.processes() if word in command_of(pid))


def sign_in(address: str) -> requests.Session:
    session = requests.Session()
    page = session.get(f"{address}login/", timeout=60)
    form = {
        "username": "owner@demo.test",
        "password": "demo-gallery",
        "csrfmiddlewaretoken": session.cookies["csrftoken"],
    }
    assert page.ok
    assert session.post(f"{address}login/", data=form, timeout=60).ok
    return session


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def run(data):
    """Start a run on the module's data; the first one makes the demo gallery."""
    run = Run(data)
    try:
        run.wait_for("Ctrl-C stops")
        yield run
    finally:
        run.finish()


def test_first_page_shows_the_demo_gallery_and_interrupt_ends_everything(run, data):
    """A picture that the seeding could not draw in time is drawn by the worker, and is waited for."""
    with sign_in(run.address) as session:
        assert is_signed_in(session, run.address)
        eventually(lambda: session.get(run.address, timeout=60).text.count("/thumb/") >= 40)
    processes = run.processes()

    assert run.finish(signal.SIGINT) == 0
    assert not any(is_alive(pid) for pid in processes)
    assert run.said.endswith(f"Stopped. Your data is in {data}\n")


def test_command_beside_the_run_finds_its_addresses(run, data):
    """In another terminal, where nothing says which ports were chosen at the start."""
    bare = {name: value for name, value in os.environ.items() if name not in {"PORT", "DATABASE_URL", "REDIS_URL"}}
    environment = {**bare, "DJANGO_SETTINGS_MODULE": "hidream_site.settings", "DATA_DIR": str(data)}
    words = ["invite", "dora@example.test", "--team", "Harbour team"], ["provider_check"]

    link, checked = (
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *line],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for line in words
    )

    assert link.startswith(f"{run.address}invitation/")
    assert requests.get(link.strip(), timeout=60).ok
    emulator = re.search(r"listening on (\S+)", (data / "logs" / "emulator.log").read_text().rpartition("Segmind")[2])
    assert emulator
    assert f"Asking {emulator[1]} (" in checked


# devserver/test_ports.py asks it of held ports at each commit.
@pytest.mark.nightly
def test_two_sites_that_start_at_once_have_a_port_each(tmp_path_factory):
    """The web server alone would let both listen on one, and each visitor would meet now this site, now that one."""
    both = [Run(tmp_path_factory.mktemp("data"), PORT="", **NOBODY) for _ in range(2)]
    try:
        for run in both:
            run.wait_for("Ctrl-C stops")
        assert both[0].address != both[1].address
    finally:
        for run in both:
            run.finish()


def test_start_with_data_serves_a_page_soon(data):
    """In the work of twenty imports of the site: what a clock says depends on what else the machine does."""
    if not (data / "gallery.sqlite3").exists():
        first = Run(data)
        first.wait_for("Ctrl-C stops")
        first.finish()
    began = work_of_children()
    subprocess.run([sys.executable, "-c", "import django; django.setup()"], cwd=ROOT, check=True)
    one_import = work_of_children() - began
    began = work_of_children()

    again = Run(data)
    again.wait_for("http://localhost")
    again.finish()

    assert work_of_children() - began < 20 * one_import
    assert "First start" not in again.said


def work_of_children() -> float:
    """Return the CPU seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# devserver/test_supervisor.py asks it of the supervisor alone at each commit.
@pytest.mark.nightly
def test_killed_child_comes_back_and_the_site_works(run):
    """One after the other, in one run: each is there again before the next is killed."""
    for word, name in {"granian": "web", "celery": "worker", "sweeper": "sweeper", "valkey-server": "broker"}.items():
        killed = run.process_named(word)
        os.kill(killed, signal.SIGKILL)

        run.wait_for(f"{name} was ended by SIGKILL")
        eventually(partial(is_there_again, run, word, killed))
        eventually(lambda: page_is_there(run.address))


def is_there_again(run: Run, word: str, killed: int) -> bool:
    return any(word in command_of(pid) for pid in run.processes() - {killed})


def page_is_there(address: str) -> bool:
    try:
        return requests.get(f"{address}login/", timeout=60).ok
    except requests.RequestException:
        return False


# devserver/test_supervisor.py asks it of the supervisor alone at each commit.
@pytest.mark.nightly
def test_second_run_on_the_same_data_is_sent_to_the_first(run, data):
    second = Run(data)
    said, _ = second.process.communicate(timeout=240)

    assert second.process.returncode == 1
    assert f"already running at {run.address} (process {run.process.pid})" in said


def test_asked_port_that_is_taken_is_an_error_with_a_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        refused = Run(tmp_path, PORT=port)
        said, _ = refused.process.communicate(timeout=240)

    assert refused.process.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in said


def test_demo_stays_on_this_machine_unless_allowed_on_the_network(data):
    refused = Run(data, HOST="0.0.0.0")
    said, _ = refused.process.communicate(timeout=240)

    assert refused.process.returncode == 1
    assert "HOST is 0.0.0.0" in said
    assert all(way in said for way in ("HOST=127.0.0.1", "SEGMIND_API_KEY", "DEMO_ON_NETWORK=1"))


@pytest.mark.nightly  # that a demo stays on this machine is asked above, that nothing outlives it by the first test
def test_allowed_demo_warns_of_the_network_and_when_killed_leaves_no_process(data):
    run = Run(data, HOST="0.0.0.0", DEMO_ON_NETWORK="1")
    run.wait_for("Ctrl-C stops")
    processes = run.processes()

    run.process.kill()
    run.process.communicate()

    assert "WARNING           everyone on the network can sign in as a superuser" in run.said
    eventually(lambda: not any(is_alive(pid) for pid in processes))


# services/site/test_mode.py asks at each commit what becomes of the demo's people and money.
@pytest.mark.nightly
def test_demo_is_over_with_a_key_and_comes_back_without(data, run):
    with sign_in(run.address) as session:
        assert is_signed_in(session, run.address)
    run.finish()

    live = Run(data, **NOBODY)
    live.wait_for("Ctrl-C stops")
    with sign_in(live.address) as stranger:
        ended = is_signed_in(stranger, live.address)
    live.finish()
    demo = Run(data)
    demo.wait_for("Ctrl-C stops")
    with sign_in(demo.address) as session:
        back = is_signed_in(session, demo.address)
    demo.finish()

    assert (ended, back) == (False, True)
    assert live.said.count("owner@demo.test, viewer@demo.test can no longer sign in") == 1
    assert "owner@demo.test, viewer@demo.test can sign in" in demo.said


def is_signed_in(session: requests.Session, address: str) -> bool:
    return "/logout/" in session.get(address, timeout=60).text


def test_key_and_secrets_stand_on_no_command_line(tmp_path):
    run = Run(tmp_path, SEGMIND_API_KEY="SG_not_to_be_seen")
    run.wait_for("Ctrl-C stops")
    lines = " ".join(command_of(pid) for pid in run.processes())
    secret = (tmp_path / "secret_key").read_text()
    run.finish()
    logs = " ".join(log.read_text() for log in (tmp_path / "logs").iterdir())

    assert not any(word in lines + run.said + logs for word in ("SG_not_to_be_seen", secret, "requirepass"))
    assert "create_user EMAIL --team NAME --role owner" in run.said
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0

"""deploy/systemd: the units are understood by systemd, take little, and are what docs/operations.md installs."""

import configparser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infrastructure.deployment import COMPOSE, ROOT
from tests.infrastructure.programs import need

UNITS = ROOT / "deploy" / "systemd"
NAMES = sorted(path.name for path in UNITS.glob("*.service"))
COMMON = UNITS / "gallery-.service.d" / "site.conf"
GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
# systemd's own measure: 0 is shut off from everything, 10 may do anything. A unit without any of it has 9.2.
MAX_EXPOSURE = 1.5


@pytest.fixture
def installed(tmp_path):
    """Return the units as on a machine where the site is: with a Python and a user that are here."""
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python", "celery"):
        (programs / name).symlink_to(sys.executable)
    for path in [*folder.glob("*.service"), *folder.glob("*/*.conf")]:
        text = path.read_text(encoding="utf-8").replace("/opt/gallery/venv/bin", str(programs))
        path.write_text(re.sub(r"^User=gallery$", "User=daemon", text, flags=re.MULTILINE), encoding="utf-8")
    return folder


def analyse(installed, *words):
    command = [need("systemd"), *words]
    return subprocess.run(command, cwd=installed, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", NAMES)
def test_unit_is_understood_without_a_complaint(installed, name):
    said = analyse(installed, "verify", "--man=no", f"./{name}")

    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_mistake_in_a_unit_is_found(installed):
    with (installed / "gallery-.service.d" / "site.conf").open("a") as file:
        file.write("ProtectSystems=strict\n")

    assert "ProtectSystems" in analyse(installed, "verify", "--man=no", "./gallery-web.service").stderr


@pytest.mark.parametrize("name", NAMES)
def test_unit_may_do_little(installed, name):
    threshold = f"--threshold={MAX_EXPOSURE * 10:.0f}"
    said = analyse(installed, "security", "--offline=yes", "--json=short", threshold, f"./{name}")

    assert said.returncode == 0, said.stdout + said.stderr
    found = {one["json_field"]: one["set"] for one in json.loads(said.stdout)}
    needed = ("ProtectSystem", "NoNewPrivileges", "CapabilityBoundingSet_CAP_SYS_ADMIN", "SystemCallFilter_mount")
    assert [one for one in needed if not found[one]] == []


def section(path: Path, name: str) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text(encoding="utf-8").replace("\\\n", ""))
    return dict(parser[name])


def test_services_have_the_commands_of_the_containers():
    inside = {"--host", "0.0.0.0", "--port", "8000"}  # of a container, where nginx is another machine
    for name in ("web", "sweeper"):
        own = section(UNITS / f"gallery-{name}.service", "Service")["ExecStart"]
        words = [word for word in COMPOSE["services"][name]["command"] if word not in inside]
        assert own == f"/opt/gallery/venv/bin/{' '.join(words)}"
    worker = " ".join(section(UNITS / "gallery-worker.service", "Service")["ExecStart"].split())
    in_container = COMPOSE["services"]["worker"]["command"][2].replace(
        "$${WORKER_CONCURRENCY:-32}", "${WORKER_CONCURRENCY}"
    )
    assert worker == " ".join(in_container.split()).replace("exec ", "/opt/gallery/venv/bin/")


def test_worker_has_time_for_a_paid_call():
    stop = section(UNITS / "gallery-worker.service", "Service")["TimeoutStopSec"]

    assert int(stop) > 150  # SEGMIND_TIMEOUT
    assert COMPOSE["services"]["worker"]["stop_grace_period"] == f"{stop}s"


def test_guide_installs_what_there_is():
    assert "cp -r deploy/systemd/. /etc/systemd/system/" in GUIDE
    assert f"systemctl enable --now {' '.join(sorted(name.removesuffix('.service') for name in NAMES))}" in GUIDE
    common = section(COMMON, "Service")
    for place in (common["EnvironmentFile"], common["WorkingDirectory"], common["ReadWritePaths"], "/opt/gallery/venv"):
        assert place in GUIDE


def test_nginx_of_the_guide_names_nothing_of_the_containers():
    words = ["sed", "-f", str(ROOT / "deploy" / "without-containers.sed"), str(ROOT / "deploy" / "nginx.conf")]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout

    assert not re.search(r"/dev/std|[^r]/data/|web:8000|user nginx", text)
    assert "alias /var/lib/gallery/$1;" in text
    assert "default 127.0.0.1:8000;" in text

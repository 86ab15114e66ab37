"""`manage.py web`: one site to a port."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.eventually import eventually
from tests.infrastructure.ports import free_port

pytestmark = pytest.mark.services
ROOT = Path(__file__).resolve().parents[2]


def web(port, data, **options):
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "web", "--workers", "1"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "hidream_site.settings", "DATA_DIR": str(data), "PORT": str(port)},
        cwd=ROOT,
        text=True,
        **options,
    )


def answers(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=60).ok
    except requests.RequestException:
        return False


def test_second_site_is_refused_a_port_and_the_first_keeps_it(tmp_path):
    """The web server alone shares the port with another one of the same user, and each gets some of the visitors."""
    port = free_port()
    first = web(port, tmp_path)
    try:
        eventually(lambda: answers(port))
        second = web(port, tmp_path, stderr=subprocess.PIPE)
        _, said = second.communicate(timeout=240)

        assert second.returncode == 1
        assert f"Port {port} on 127.0.0.1 is taken or not yours to use." in said
        assert answers(port)
    finally:
        first.terminate()
        assert first.wait(timeout=120) == 0
    with socket.create_server(("127.0.0.1", port)):
        pass  # it is free again

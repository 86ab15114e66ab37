"""`manage.py emulator` as a process."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.key import KEY

ROOT = Path(__file__).parents[2]
# A start takes a second of work, for which a crowded machine needs many.
MAX_SECONDS = 120


def start(*words, **environment):
    command = [sys.executable, "manage.py", "emulator", *words]
    # The site must not be told by the caller's environment that it runs in production.
    settings = {"DJANGO_DEBUG": "1", "DJANGO_SETTINGS_MODULE": "hidream_site.settings", **environment}
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_emulator_prints_its_address_and_stops_on_a_signal(tmp_path, number):
    process = start("--ledger", str(tmp_path / "ledger.jsonl"), "--balance", "7")
    try:
        url = process.stdout.readline().split()[-1]
        with urllib.request.urlopen(f"{url}/__control__", timeout=MAX_SECONDS) as reply:
            state = reply.read()
        process.send_signal(number)

        assert (process.wait(timeout=MAX_SECONDS), b'"balance": "7"' in state) == (0, True)
    finally:
        process.kill()
        process.communicate()


def test_emulator_starts_with_the_random_faults_it_is_told():
    process = start(
        "--random-faults", '{"rate": 1, "seed": 3, "faults": {"502": {"charge": true}}}', "--drawing", "plain"
    )
    try:
        url = process.stdout.readline().split()[-1]
        with urllib.request.urlopen(f"{url}/__control__", timeout=MAX_SECONDS) as reply:
            state = json.load(reply)
    finally:
        process.terminate()
        process.communicate(timeout=MAX_SECONDS)

    faults = [{"name": "502", "options": {"charge": True}}]
    assert state["random_faults"] == {"rate": 1, "seed": 3, "on": ["v1", "v2"], "faults": faults}
    assert state["behaviour"]["drawing"] == "plain"


def production(folder):
    return {
        "DJANGO_DEBUG": "0",
        "DJANGO_SECRET_KEY": "a-long-enough-secret-for-a-test-of-a-refusal-0123456789",
        "ALLOWED_HOSTS": "gallery.test",
        "SITE_URL": "https://gallery.test",
        "SEGMIND_API_KEY": KEY,
        "DATA_DIR": str(folder),
    }


def test_emulator_refuses_production(tmp_path):
    process = start(**production(tmp_path))

    _, errors = process.communicate(timeout=MAX_SECONDS)

    assert process.returncode == 1
    assert "--allow-production" in errors


def test_emulator_starts_in_production_when_asked_by_name(tmp_path):
    process = start("--allow-production", **production(tmp_path))
    try:
        assert "http://127.0.0.1:" in process.stdout.readline()
    finally:
        process.terminate()
        process.communicate(timeout=MAX_SECONDS)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--balance", "much"], "--balance is 'much'"),
        (["--speed-up", "0"], "--speed-up is 0"),
        (["--random-faults", "stormy"], "--random-faults is 'stormy', which isn't JSON"),
        (["--random-faults", '{"rate": 2, "faults": ["500"]}'], "--random-faults: The rate is 2"),
        (["--host", "192.0.2.1"], "Cannot listen"),
    ],
)
def test_emulator_says_what_is_wrong_with_an_option(words, text):
    process = start(*words)

    _, errors = process.communicate(timeout=MAX_SECONDS)

    assert (process.returncode, text in errors) == (1, True)

"""Production does not start on development's values; each refusal names the variable and the way out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAFE = {
    "DJANGO_DEBUG": "0", "DJANGO_SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "gallery.example", "SEGMIND_API_KEY": "SG_x",
    "SITE_URL": "https://gallery.example:8443",
}  # fmt: skip


def start(tmp_path, **changes):
    """Read the settings in a process of its own; return what it says when it refuses."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SEGMIND", "EMULATOR"))}
    environment |= {"DATA_DIR": str(tmp_path), **SAFE, **changes}
    child = subprocess.run(
        [sys.executable, "-c", "import hidream_site.settings"], cwd=ROOT, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    return child.stderr.strip().splitlines()[-1] if child.returncode else ""


def test_production_with_all_it_needs_starts(tmp_path):
    assert start(tmp_path) == ""


def test_keys_before_the_present_one_are_read(tmp_path):
    ask = "from hidream_site.settings import SECRET_KEY_FALLBACKS; print(SECRET_KEY_FALLBACKS)"
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SECRET_KEY_FALLBACKS": "last, the one before"}
    said = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "['last', 'the one before']"


@pytest.mark.parametrize("name", ["DJANGO_SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "SEGMIND_API_KEY"])
def test_production_without_a_needed_value_names_it(tmp_path, name):
    assert f"{name} is empty while DJANGO_DEBUG is off; set it" in start(tmp_path, **{name: ""})


def test_emulator_in_production_is_possible_when_asked_for_by_name(tmp_path):
    assert start(tmp_path, SEGMIND_API_KEY="", EMULATOR_ALLOWED="1") == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DJANGO_DEBUG", "maybe"),
        ("SEGMIND_TIMEOUT", "soon"),
        ("SEGMIND_RPM", "-1"),
        ("SEGMIND_API_VERSION", "v3"),
        ("SEGMIND_HISTORY_LAG", "-1"),
        ("METRICS_TOKEN", "guessable"),
        ("WORKER_CONCURRENCY", "0"),
        ("DATABASE_URL", "mysql://x/y"),
        ("TRUSTED_PROXIES", "10.0.0.1,proxy"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("MEDIA_GROUP", "nobody-has-this-group"),
        ("ACCEL_LOCATION", "/protected/"),
        ("TEAM_CREATION", "1"),
        ("NEW_TEAM_MONTHLY_LIMIT", "ten"),
        ("BALANCE_ALERT_DAYS", "-1"),
        ("TIME_ZONE", "Berlin"),
        ("TIME_ZONE", "Europe"),
        ("TIME_ZONE", "../UTC"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "redis://127.0.0.1:port/0"),
        ("DATABASE_URL", "postgres://gallery@localhost:port/gallery"),
        ("EMAIL_URL", "smtp://localhost:port"),
        ("SITE_URL", "https://*/"),
        ("SITE_URL", "gallery.example"),
        ("SITE_URL", "http://gallery.example"),
        ("SITE_URL", "https://gallery.example/pictures"),
        ("SITE_URL", "https://gallery.example:web"),
        ("SITE_URL", "https://user@gallery.example"),
        ("DEFAULT_FROM_EMAIL", "the gallery"),
    ],
)
def test_value_that_cannot_work_is_named(tmp_path, name, value):
    assert name in start(tmp_path, **{name: value})

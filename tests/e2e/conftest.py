"""A whole site as `make run` starts it, and a browser that minds what the page complains about."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
import requests
from playwright.sync_api import expect

from tests.infrastructure import programs
from tests.infrastructure.ports import free_port

READY_SECONDS = 600
SPEED_UP = 5
# Quiet start, and none of the look-ups that a closed network answers with errors.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
PASSWORD = "demo-gallery"
# Of a shared machine, where five seconds, or thirty for a page, may be too few for anything.
expect.set_options(timeout=60_000)


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item):
    if "browser" in item.fixturenames:
        item.add_marker("e2e")


def pytest_collection_modifyitems(items):
    if not programs.find("chromium"):
        for item in items:
            if item.get_closest_marker("e2e"):
                item.add_marker(pytest.mark.skip(reason=programs.sentence("chromium")))


@pytest.fixture(scope="session")
def browser_type_launch_args(playwright):
    # Playwright's loop goes on in this thread when the browser's tests are over, and Django would refuse to use its
    # database beside it. Nothing in the tests is asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    return {"executable_path": programs.find("chromium"), "args": ARGUMENTS}


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="session")
def site(site_folder):
    """Return its address."""
    with running_site(site_folder) as address:
        yield address


@contextmanager
def running_site(data, **more):
    """Run a site with its files in `data`. The emulator generates five times as fast as the model it stands for."""
    port = free_port()
    environment = {
        **os.environ, "DATA_DIR": str(data), "PORT": str(port), "EMULATOR_SPEED_UP": str(SPEED_UP), "DJANGO_DEBUG": "1",
        "PROBE_SECONDS": "3", "TEAM_CREATION": "everybody", "SEGMIND_RPM": "0",
        "DJANGO_SETTINGS_MODULE": "hidream_site.settings", **more,
    }  # fmt: skip
    for name in ("DATABASE_URL", "REDIS_URL", "SEGMIND_API_KEY", "SEGMIND_BASE_URL", "HIDREAM_TEST_DATA"):
        environment.pop(name, None)
    log = (data / "run.log").open("w")
    run = subprocess.Popen([sys.executable, "manage.py", "run"], env=environment, stdout=log, stderr=log)
    try:
        yield _ready(run, f"http://127.0.0.1:{port}", data / "run.log")
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait(timeout=120)
        log.close()


def _ready(run, address, log):
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and run.poll() is None:
        try:
            if requests.get(f"{address}/readyz", timeout=120).ok:
                return address
        except (requests.ConnectionError, requests.ReadTimeout):
            time.sleep(0.3)
    raise RuntimeError(f"the site did not start:\n{log.read_text()}")


def emulator_address(data):
    """Return where the emulator of the site in that folder listens, as its log says."""
    return re.findall(r"listening on (http://\S+)", (data / "logs" / "emulator.log").read_text())[-1]


@pytest.fixture
def emulator(site, site_folder):
    """Tells the site's emulator what to do; afterwards it behaves again."""
    address = emulator_address(site_folder)

    def tell(**wishes):
        requests.put(f"{address}/__control__", json=wishes, timeout=120).raise_for_status()

    yield tell
    tell(clear_faults=True, speed_up=SPEED_UP, drawing="full", balance="25.00")


@pytest.fixture
def complaints():
    """Collect what pages wrote to the console and what the content security policy refused; must stay empty."""
    found = []
    yield found
    assert found == []


@pytest.fixture
def open_page(site, new_context, complaints):
    """Return a function that opens a browser page, by default 1440 px wide; `as_` signs that demo user in."""

    def make(*, as_="owner", width=1440, height=900, **options):
        context = new_context(base_url=site, viewport={"width": width, "height": height}, **options)
        context.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('CSP refused ' + e.violatedDirective))"
        )
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if _counts(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if as_:
            sign_in(page, as_)
        return page

    return make


def _counts(message):
    # The browser reports each refused form (422) and each page that is not there (404) as a failed load.
    return message.type in {"error", "warning"} and "Failed to load resource" not in message.text


def sign_in(page, who):
    page.goto("/login/")
    page.get_by_label("Email").fill(f"{who}@demo.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_selector("#feed")
    # Modules run and styles apply before this; a click before them is an ordinary click on a link, and what the styles
    # hide is still counted.
    page.wait_for_load_state("load")

"""BEHIND_TLS=0: the site in production without TLS, behind the nginx that docs/operations.md makes for it."""

import subprocess

import pytest
import requests

from tests.eventually import eventually
from tests.infrastructure.deployment import COMPOSE, HOST
from tests.infrastructure.ports import free_port

pytestmark = pytest.mark.services
PASSWORD = "a-password-nobody-has"
# Seconds; a busy machine takes long for a password hash.
PATIENCE = 60


@pytest.fixture(scope="package")
def address(deployment):
    """Return the address of a second web process and a second nginx, beside those with TLS."""
    web, http = free_port(), free_port()
    site = f"http://{HOST}:{http}"
    words = [str(web) if word == "8000" else word for word in COMPOSE["services"]["web"]["command"]]
    deployment.start("plain-web", words, BEHIND_TLS="0", SITE_URL=site, CSRF_TRUSTED_ORIGINS="")
    path = deployment.directory / "plain.conf"
    path.write_text(deployment.plain_nginx_configuration(web=web, http=http))
    deployment.start("plain-nginx", ["nginx", "-p", str(deployment.directory), "-c", str(path), "-g", "daemon off;"])
    words = ["python", "manage.py", "create_user", "hanna@gallery.test", "--team", "Harbour without TLS"]
    deployment.run([*words, "--role", "owner", "--password-stdin"], input=PASSWORD)
    eventually(lambda: answers(f"{site}/healthz"))
    return site


def answers(url):
    try:
        return requests.get(url, timeout=PATIENCE).ok
    except requests.RequestException:
        return False


def test_somebody_signs_in_by_plain_http(address):
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(f"{address}/login/", timeout=PATIENCE, allow_redirects=False)
        form = {"username": "hanna@gallery.test", "password": PASSWORD}
        form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        home = browser.post(f"{address}/login/", data=form, timeout=PATIENCE)

        assert page.status_code == 200
        assert "Strict-Transport-Security" not in page.headers
        assert home.url == f"{address}/t/harbour-without-tls/"
        assert {cookie.name: cookie.secure for cookie in browser.cookies} == {
            "csrftoken": False, "sessionid": False, "device": False,
        }  # fmt: skip


def test_start_warns_of_it(deployment, address):
    environment = {**deployment.environment("web"), "BEHIND_TLS": "0", "SITE_URL": address}
    words = ["python", "manage.py", "sweeper", "--once"]

    said = subprocess.run(words, env=environment, capture_output=True, text=True, check=True, timeout=120)

    assert "(generations.W022) BEHIND_TLS is 0: anyone who eavesdrops on the network" in said.stderr

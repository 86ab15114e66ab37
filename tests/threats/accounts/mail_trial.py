"""A trial of how many emails one account can send to strangers: `python -m tests.threats.accounts.mail_trial`.

The site is what `make run` starts, on loopback; its emails go to our mail server, which stores them as files.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.infrastructure.ports import free_port
from tests.secret_scan.mailbox import mailbox

ROOT = Path(__file__).parents[3]
MAILS, TEAMS = 226, 2
STRANGERS = "@elsewhere.test"
READY_SECONDS = 600
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
OURS = (
    "DATABASE_URL", "REDIS_URL", "SEGMIND_API_KEY", "HOST", "DJANGO_SECRET_KEY", "ALLOWED_HOSTS", "MAIL_PER_HOUR",
    "SITE_URL", "DEFAULT_FROM_EMAIL",
)  # fmt: skip


@contextmanager
def site(folder: Path, mail: str) -> Iterator[str]:
    address = f"http://127.0.0.1:{free_port()}"
    environment = {name: value for name, value in os.environ.items() if name not in OURS} | {
        "DATA_DIR": str(folder / "data"), "EMAIL_URL": mail, "PORT": address.rpartition(":")[2],
        "TEAM_CREATION": "everybody",
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        words = [sys.executable, str(ROOT / "manage.py"), "run", "--stop-with-parent"]
        run = subprocess.Popen(words, env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait(address, run)
        yield address
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait(timeout=60)


def _wait(address: str, run: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + READY_SECONDS
    while run.poll() is None and time.monotonic() < end:
        try:
            if requests.get(f"{address}/readyz", timeout=120).ok:
                return
        except requests.RequestException:
            time.sleep(0.3)
    raise RuntimeError("the site did not start")


class Spammer:
    """An owner of the demo team who invites strangers."""

    def __init__(self, address: str) -> None:
        self.address, self.session = address, requests.Session()
        self.post("/login/", username="owner@demo.test", password="demo-gallery").raise_for_status()

    def post(self, path: str, **form: str) -> requests.Response:
        # The sign-in page rotates the token; the cookie is what counts.
        page = self.session.get(self.address + ("/login/" if path == "/login/" else "/accounts/"), timeout=60)
        token = TOKEN.search(page.text)
        form["csrfmiddlewaretoken"] = token[1] if token else self.session.cookies["csrftoken"]
        return self.session.post(self.address + path, data=form, timeout=60, allow_redirects=True)

    def team(self, name: str) -> str:
        return self.post("/teams/new/", name=name).url.split("/t/")[1].split("/")[0]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mail-trial-") as name:
        folder = Path(name)
        with mailbox(folder / "mails") as mail, site(folder, mail.url) as address:
            spammer, answers, refusal = Spammer(address), Counter[int](), ""
            teams = [spammer.team(f"Win https://evil{n}.example now") for n in range(TEAMS)]
            for n in range(MAILS):
                form = {"email": f"stranger{n}{STRANGERS}", "role": "viewer", "by": "mail"}
                answer = spammer.post(f"/t/{teams[n % TEAMS]}/people/", **form)
                answers[answer.status_code] += 1
                if answer.status_code == 429 and not refusal:
                    found = re.search(r"You&#x27;ve[^<]*|You've[^<]*", answer.text)
                    refusal = f"{found[0] if found else '?'} (Retry-After: {answer.headers['Retry-After']})"
            mails = sorted((folder / "mails").glob("*.eml"), key=lambda path: int(path.stem))
            # Digests go to users of the demo.
            kept = [text for path in mails if STRANGERS in (text := path.read_text())]
        print(f"{len(kept)} of {MAILS} mails to strangers went out; answers: {dict(answers)}")
        print(refusal or "Nothing was refused with 429.")
        print("The first one:\n" + "\n".join(f"  {line}" for line in kept[0].splitlines()))


if __name__ == "__main__":
    main()

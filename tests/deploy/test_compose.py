"""docker-compose.yml without containers: each service's own command and environment, at private addresses."""

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest
import requests

from generations.imaging import traces
from tests.eventually import eventually
from tests.infrastructure.deployment import (
    COMPOSE,
    HOST,
    IS_ROOT,
    METRICS_TOKEN,
    ROOT,
    Deployment,
    From,
    environment_file,
    nobody,
)

pytestmark = pytest.mark.services

SITE = ("migrate", "web", "worker", "sweeper")
PASSWORD = "a-password-nobody-has"


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_service_restarts_and_says_whether_it_is_well(name):
    service = COMPOSE["services"][name]

    assert "healthcheck" in service
    assert service["restart"] in {"unless-stopped", "on-failure"}


@pytest.mark.parametrize("name", SITE)
def test_service_of_the_site_has_command_environment_and_data(name):
    service = COMPOSE["services"][name]

    assert service["command"]
    assert service["env_file"] == ".env"
    assert service["environment"]["DJANGO_DEBUG"] == "0"
    assert {"DATABASE_URL", "REDIS_URL", "DATA_DIR"} <= service["environment"].keys()
    assert service["volumes"] == ["data:/data"]


def test_every_volume_is_declared():
    used = {
        volume.split(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }

    assert used == COMPOSE["volumes"].keys()


def test_environment_example_names_all_that_compose_asks_for():
    asked = re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text())

    assert set(asked) <= environment_file((ROOT / ".env.example").read_text()).keys()


def test_environment_example_names_only_what_is_described():
    names = environment_file((ROOT / ".env.example").read_text()).keys() - {"POSTGRES_PASSWORD"}  # compose's own
    described = re.findall(r"`(\w+)`", (ROOT / "docs" / "configuration.md").read_text())

    assert names <= set(described)


def test_dockerfile_installs_with_hashes_and_runs_as_nobody_special():
    text = (ROOT / "Dockerfile").read_text()

    assert "--require-hashes -r /tmp/production.txt" in text
    assert re.findall(r"^USER (\w+)$", text, re.MULTILINE) == ["gallery"]


def test_site_and_nginx_agree_on_the_group_that_reads_pictures():
    """101 is the group `nginx` in nginx's image; the folder of the site's image has it from the beginning."""
    for name in SITE:
        assert COMPOSE["services"][name]["environment"]["MEDIA_GROUP"] == "101"
        assert COMPOSE["services"][name]["group_add"] == ["101"]
    assert "install -d -o gallery -g 101 -m 0710 /data" in (ROOT / "Dockerfile").read_text()
    assert "data:/data:ro" in COMPOSE["services"]["nginx"]["volumes"]


def test_site_and_nginx_believe_the_same_proxies():
    (network,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    nginx = COMPOSE["services"]["nginx"]

    for name in SITE:
        words = COMPOSE["services"][name]["environment"]["TRUSTED_PROXIES"]
        assert words == f"{network['subnet']},{nginx['environment']['TRUSTED_PROXIES']}"
    # The image of nginx runs the files in this folder that are executable.
    (script,) = [volume for volume in nginx["volumes"] if "/docker-entrypoint.d/" in volume]
    assert os.access(ROOT / script.split(":")[0], os.X_OK)


def test_emulator_draws_only_where_its_profile_is_chosen():
    emulator = COMPOSE["services"]["emulator"]
    address = f"http://emulator:{emulator['command'][emulator['command'].index('--port') + 1]}"

    assert emulator["profiles"] == ["emulator"]
    for name in SITE:
        environment = COMPOSE["services"][name]["environment"]
        assert environment["EMULATOR_ALLOWED"] == "${EMULATOR_ALLOWED:-${COMPOSE_PROFILES:+1}}"
        assert environment["SEGMIND_BASE_URL"] == f"${{SEGMIND_BASE_URL:-${{COMPOSE_PROFILES:+{address}}}}}"
    assert [name for name, service in COMPOSE["services"].items() if "profiles" in service] == ["emulator"]
    assert "\n#COMPOSE_PROFILES=emulator\n" in (ROOT / ".env.example").read_text()


@pytest.mark.parametrize(
    "path", ["deploy/tls/privkey.pem", "deploy/tls/fullchain.pem", ".env", "gallery.dump", "pictures.tar"]
)
def test_secret_of_a_site_is_not_committed(path):
    found = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT, check=False)

    assert found.returncode == 0


MANY = "192.0.2.7, 10.1.0.0/16,,2001:db8::/32,"


@pytest.mark.parametrize(
    ("proxies", "lines"),
    [("", []), ("192.0.2.7", ["192.0.2.7"]), (MANY, ["192.0.2.7", "10.1.0.0/16", "2001:db8::/32"])],
)
def test_script_writes_proxies_as_nginx_wants_them(tmp_path, proxies, lines):
    assert write_proxies(tmp_path, proxies).returncode == 0

    text = (tmp_path / "proxies.conf").read_text()
    assert text.splitlines() == [f"set_real_ip_from {line};" for line in lines]


@pytest.mark.parametrize("proxies", ["proxy.example", "192.0.2.7;", "$remote_addr"])
def test_script_refuses_what_is_no_address(tmp_path, proxies):
    ended = write_proxies(tmp_path, proxies)

    assert ended.returncode == 1
    assert f"TRUSTED_PROXIES has '{proxies}' in it; set it to addresses and networks" in ended.stderr


def write_proxies(folder, proxies):
    return subprocess.run(
        ["sh", str(ROOT / "deploy" / "trusted-proxies.sh"), str(folder / "proxies.conf")],
        env={"PATH": os.environ["PATH"], "TRUSTED_PROXIES": proxies}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="package")
def owner(deployment):
    """Yield a session signed in over TLS as the owner that docs/operations.md creates."""
    words = ["python", "manage.py", "create_user", "owner@gallery.test", "--team", "Harbour", "--role", "owner"]
    deployment.run([*words, "--password-stdin"], input=PASSWORD)
    with visitor(deployment) as session:
        session.headers["Referer"] = address(deployment)
        session.get(f"{address(deployment)}/login/", timeout=120)
        form = {"username": "owner@gallery.test", "password": PASSWORD, "csrfmiddlewaretoken": token(session)}
        session.post(f"{address(deployment)}/login/", data=form, timeout=120).raise_for_status()
        yield session


def visitor(deployment: Deployment) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy and no other certificates in between
    session.verify = str(deployment.directory / "tls" / "fullchain.pem")
    return session


def address(deployment: Deployment) -> str:
    return f"https://{HOST}:{deployment.ports['https']}"


def token(session: requests.Session) -> str:
    return session.cookies["__Host-csrf"]


def order(deployment: Deployment, session: requests.Session, prompt: str) -> None:
    form = {"prompt": prompt, "csrfmiddlewaretoken": token(session)}
    session.post(f"{address(deployment)}/t/harbour/generations/", data=form, timeout=120).raise_for_status()


def pictures(deployment: Deployment, session: requests.Session) -> list[str]:
    page = session.get(f"{address(deployment)}/t/harbour/", timeout=120)
    page.raise_for_status()
    return sorted(set(re.findall(r"/g/[0-9a-f-]{36}/thumb/320\.webp", page.text)))


@pytest.fixture(scope="package")
def thumbnail(deployment, owner):
    """Return the address of the thumbnail of a picture that was generated in the deployment."""
    order(deployment, owner, "a harbour at dusk")
    eventually(lambda: bool(pictures(deployment, owner)))
    return address(deployment) + pictures(deployment, owner)[0]


def test_prompt_becomes_a_picture(thumbnail, owner):
    original = owner.get(thumbnail.replace("thumb/320.webp", "image"), timeout=120)

    assert original.status_code == 200
    assert original.headers["Content-Type"] in {"image/png", "image/jpeg", "image/webp"}
    assert len(original.content) == int(original.headers["Content-Length"]) > 5_000


def test_picture_comes_from_nginx_with_the_headers_that_protect_it(thumbnail, owner):
    answer = owner.get(thumbnail, timeout=120)

    assert answer.headers["Server"] == "nginx"
    assert "Last-Modified" in answer.headers  # nginx read the file; Django does not send this one
    assert "X-Accel-Redirect" not in answer.headers
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    again = owner.get(thumbnail, headers={"If-None-Match": answer.headers["ETag"]}, timeout=120)
    assert again.status_code == 304


def test_download_through_nginx_is_marked_and_found_again(deployment, thumbnail, owner):
    """With three megabytes appended: no longer the same file, yet more than other addresses accept."""
    copy = owner.get(thumbnail.rsplit("/thumb/", 1)[0] + "/image?download", timeout=120).content
    assert traces(copy).marked

    answers = [
        ask_whether_made_here(deployment, owner, data) for data in (copy, copy + bytes(3 << 20), bytes(41 << 20))
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 413]
    assert ["This picture was generated here" in answer.text for answer in answers] == [True, False, False]


def ask_whether_made_here(deployment: Deployment, session: requests.Session, data: bytes) -> requests.Response:
    form = {"csrfmiddlewaretoken": token(session)}
    return session.post(f"{address(deployment)}/t/harbour/verify/", data=form, files={"file": data}, timeout=120)


def test_picture_is_not_shown_to_a_stranger(deployment, thumbnail):
    with visitor(deployment) as stranger:
        answer = stranger.get(thumbnail, allow_redirects=False, timeout=120)

    assert answer.status_code == 302
    assert "/login/" in answer.headers["Location"]


def test_share_link_ends_at_once_and_no_log_names_it(deployment, owner, thumbnail):
    """Files come from nginx, which must neither cache them nor log the address, because the address is the key."""
    team = f"{address(deployment)}/t/harbour/links"
    form = {"expires": "7", "allow_download": "1", "csrfmiddlewaretoken": token(owner)}
    made = owner.post(thumbnail.replace("thumb/320.webp", "share"), data=form, timeout=120)
    (key,) = set(re.findall(r"/s/([\w-]{43})/", made.text))
    base = f"{address(deployment)}/s/{key}/"
    picture = base + thumbnail.split("/g/")[1]
    addresses = [base, picture, picture.replace("thumb/320.webp", "image")]

    with visitor(deployment) as stranger:
        answers = [stranger.get(url, timeout=120) for url in addresses]
        (link,) = re.findall(r'name="only" value="([^"]+)"', owner.get(f"{team}/", timeout=120).text)
        owner.post(f"{team}/revoke", data={"only": link, "csrfmiddlewaretoken": token(owner)}, timeout=120)
        gone = [stranger.get(url, timeout=120) for url in addresses]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert "Last-Modified" in answers[1].headers  # nginx read the file
    assert [answer.headers["Cache-Control"] for answer in answers] == ["private, no-store"] * 3
    assert [answer.headers["X-Robots-Tag"].split(",")[0] for answer in answers] == ["noindex"] * 3
    assert [answer.headers["Referrer-Policy"] for answer in answers] == ["no-referrer"] * 3
    assert answers[2].headers["Content-Disposition"].startswith("attachment")
    assert [answer.status_code for answer in gone] == [404] * 3
    logs = {path.name: path.read_text() for path in deployment.directory.rglob("*.log")}
    assert "/s/" in logs["nginx.log"]
    assert [name for name, text in logs.items() if key in text] == []


def test_nginx_is_another_user_who_reads_pictures_and_nothing_else(deployment, owner, thumbnail):
    if not IS_ROOT:
        pytest.skip("only root can run nginx as another user")
    spool = deployment.data / "spool"
    spool.mkdir(exist_ok=True)
    (spool / "left.answer").write_bytes(b"paid")
    (deployment.data / "secret_key").write_text("secret")
    paths = [path for path in deployment.data.rglob("*") if path.is_file()]

    assert nginx_workers(deployment) == {nobody().pw_uid}
    assert owner.get(thumbnail, timeout=120).headers["Content-Type"] == "image/webp"
    assert owner.get(thumbnail.replace("thumb/320.webp", "image"), timeout=120).status_code == 200
    read = readable_to_nginx(paths)
    assert {path.relative_to(deployment.data).parts[0] for path in read} == {"originals", "thumbnails"}
    assert read == [path for path in paths if path.relative_to(deployment.data).parts[0] in {"originals", "thumbnails"}]
    listed = subprocess.run(["ls", str(deployment.data)], **as_nginx(), capture_output=True, check=False)
    assert listed.returncode != 0


def nginx_workers(deployment):
    """Return the users that nginx's workers run as."""
    master = deployment.processes["nginx"].pid
    said = subprocess.run(["ps", "-o", "uid=", "--ppid", str(master)], capture_output=True, text=True, check=True)
    return {int(uid) for uid in said.stdout.split()}


def as_nginx():
    return {"user": nobody().pw_uid, "group": nobody().pw_gid, "extra_groups": []}


def readable_to_nginx(paths):
    script = 'for path; do cat "$path" >/dev/null 2>&1 && echo "$path"; done; true'
    words = ["sh", "-c", script, "sh", *map(str, paths)]
    said = subprocess.run(words, **as_nginx(), capture_output=True, text=True, check=True)
    return [Path(line) for line in said.stdout.splitlines()]


def test_data_folder_is_closed_from_outside(deployment, owner, thumbnail):
    stored = next((deployment.data / "thumbnails").rglob("*.webp")).relative_to(deployment.data)

    for path in (stored, "secret_key", "../etc/passwd"):
        answer = owner.get(f"{address(deployment)}/protected/{path}", timeout=120)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 404), ({"X-Forwarded-For": ""}, 404), ({"Authorization": f"Bearer {METRICS_TOKEN}"}, 200)],
)
def test_metrics_behind_nginx_need_the_token(deployment, headers, status):
    with visitor(deployment) as session:
        assert session.get(f"{address(deployment)}/metrics", headers=headers, timeout=120).status_code == status


def test_metrics_are_open_to_the_machine_that_serves_them(deployment):
    with visitor(deployment) as session:
        answer = session.get(f"http://{HOST}:{deployment.ports['web']}/metrics", allow_redirects=False, timeout=120)

    assert (answer.status_code, "hidream_queued " in answer.text) == (200, True)


def test_plain_http_is_sent_to_tls(deployment):
    with visitor(deployment) as session:
        answer = session.get(f"http://{HOST}:{deployment.ports['http']}/", allow_redirects=False, timeout=120)

    assert answer.status_code == 301
    assert answer.headers["Location"].startswith("https://")


def test_static_files_are_compressed_and_kept_for_ever(deployment, owner):
    page = owner.get(f"{address(deployment)}/t/harbour/", timeout=120).text
    found = re.search(r"/static/css/[\w./-]+\.css", page)
    assert found

    style = owner.get(address(deployment) + found[0], headers={"Accept-Encoding": "br"}, timeout=120)

    assert style.headers["Content-Encoding"] == "br"
    assert "immutable" in style.headers["Cache-Control"]


def test_static_files_are_for_everybody(deployment):
    """The user who collects them is seldom the one who serves them."""
    collected = [deployment.directory / "static", *(deployment.directory / "static").rglob("*")]

    assert {stat.S_IMODE(path.stat().st_mode) for path in collected if path.is_dir()} == {0o755}
    assert {stat.S_IMODE(path.stat().st_mode) for path in collected if path.is_file()} == {0o644}
    assert any(path.suffix == ".gz" for path in collected)


def test_signing_in_is_slowed_down_after_many_tries(deployment):
    with visitor(deployment) as session:
        session.mount("https://", From("127.0.0.14"))
        tries = [session.post(f"{address(deployment)}/login/", timeout=120).status_code for _ in range(240)]

    assert tries[:80] == [403] * 80  # the token is missing, so Django answered
    assert tries.count(429) > 80


@pytest.mark.parametrize("name", ["web", "worker", "sweeper"])
def test_health_check_holds_while_the_service_runs(deployment, name):
    eventually(lambda: deployment.is_healthy(name))


def test_deployment_check_is_clean(deployment):
    words = ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    said = deployment.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout

    assert "no issues" in said

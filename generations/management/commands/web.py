"""`manage.py web`: the web server of a site in production."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from generations.management.devserver import ports, programs
from hidream_site import env


class Command(BaseCommand):
    help = "Serve the pages of this site. Refuses a port that is in use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=env.text("HOST", "127.0.0.1"), help="default: HOST, else 127.0.0.1")
        port = env.integer("PORT", ports.DEFAULT_PORT, low=1, high=65535)
        parser.add_argument("--port", type=int, default=port, help=f"default: PORT, else {ports.DEFAULT_PORT}")
        parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
        parser.add_argument("--threads", type=int, default=4, help="threads in each of them (default: 4)")

    def handle(self, *, host: str, port: int, workers: int, threads: int, **options: Any) -> None:
        # granian shares its port with others of the same user. Of two sites each would get some of the visitors.
        ports.keep_port(host, port)
        words = programs.web_command(host, port, threads=threads, kill_timeout=20)
        self.stdout.flush()
        os.execv(sys.executable, [*words, "--workers", str(workers)])  # noqa: S606  (the same process, so that signals reach it)

"""What the requests to all routes share: the journal, the key, and the fault that one may meet."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from email.message import Message
from typing import Any, ClassVar, Literal, get_args

from generations.emulator.provider import EmulatedProvider, LoggedRequest
from generations.emulator.reply import ProviderReply
from generations.emulator.validation import check_key

# The route whose requests meet a fault: v2 is the submit, status and result are the polls.
Route = Literal["v1", "v2", "status", "result", "history", "credits", "files"]
ROUTES: tuple[Route, ...] = get_args(Route)
KEY_HEADER = "x-api-key"


class ProviderRequest(ABC):
    """One request; `argument` is the slug, the request id or the file's name in its path."""

    route: ClassVar[Route]
    method: ClassVar[str] = "GET"

    def __init__(self, provider: EmulatedProvider, argument: str, path: str, headers: Message, raw: bytes) -> None:
        self.provider = provider
        self.argument = argument
        self.path = path
        self.headers = headers
        self.raw = raw
        self.fault = ""
        self.id = self.new_id()

    def new_id(self) -> str:
        """Return the id of the request that it is about."""
        return secrets.token_hex(16)

    def answer(self, fault: str = "", faulty: Callable[[Any], ProviderReply] | None = None) -> ProviderReply:
        """Return what the client gets; `faulty` answers in place of `finish`, by the name of `fault`."""
        self.fault = fault
        provider, keyed = self.provider, self.headers.get(KEY_HEADER) is not None
        headers = {name: value for name, value in self.headers.items() if name.lower() != KEY_HEADER}
        logged = LoggedRequest(provider.now(), self.method, self.path, self.id, headers, self.raw, fault, keyed)
        provider.journal.append(logged)
        self.begin()
        reply = faulty(self) if faulty else self.finish()
        self.end(reply)
        return replace(reply, headers={"X-Request-ID": self.id, **reply.headers})

    def finish(self) -> ProviderReply:
        """Do what is done without a fault."""
        return check_key(self.headers, self.provider.keys) or self.serve()

    @abstractmethod
    def serve(self) -> ProviderReply:
        """Answer a request with a valid key."""

    def begin(self) -> None:  # noqa: B027  (of the paid calls alone)
        """Write what is written before anything is checked."""

    def end(self, reply: ProviderReply) -> None:  # noqa: B027  (of the paid calls alone)
        """Write what became of it."""

    def fail(self, text: str) -> None:  # noqa: B027  (of the paid calls alone)
        """Let the history list a failed job, free of charge."""

    def delivered(self, body_sha256: str) -> None:  # noqa: B027  (of those that bring a picture)
        """Write that all of the answer was handed to a client that still listened."""

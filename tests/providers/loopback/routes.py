"""A loopback server with several addresses, each with its own answers in their order; the last one stays."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from tests.providers.loopback.hostile import Behaviour, Hostile, answer, error_body


def as_json(document: object, status: int = 200) -> Behaviour:
    return answer(status, json.dumps(document).encode(), {"Content-Type": "application/json"})


class Routes(Hostile):
    """`answers` maps a path without its query to behaviours; what is not in it is a 404. For one caller at a time."""

    def __init__(self, answers: Mapping[str, Behaviour | Sequence[Behaviour]]) -> None:
        self.answers = {
            path: list(those) if isinstance(those, Sequence) else [those] for path, those in answers.items()
        }
        self.served: list[str] = []
        super().__init__(answer(404, error_body("Not found")))

    def respond(self, caller) -> None:
        if not self.requests[-1]:
            return  # hung up before a word
        path = self.targets[-1].path
        waiting = self.answers.get(path, [self.behaviour])
        (waiting.pop(0) if len(waiting) > 1 else waiting[0])(caller)

    @property
    def targets(self):
        return [urlsplit(request.split(b" ", 2)[1].decode()) for request in self.requests if request]

    @property
    def asked(self) -> list[str]:
        methods = [request.split(b" ", 1)[0].decode() for request in self.requests if request]
        return [f"{method} {target.path}" for method, target in zip(methods, self.targets, strict=True)]

    @property
    def queries(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(target.query, keep_blank_values=True)) for target in self.targets]

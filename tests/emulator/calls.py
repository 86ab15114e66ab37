"""Calls by a bare client: no client code of this site is between the test and the emulator's HTTP."""

import http.client
import io
import json
from dataclasses import dataclass

from PIL import Image

from generations.schema import get
from tests.eventually import eventually
from tests.key import KEY

SCHEMA = get()
PATH = f"/v1/{SCHEMA.slug}"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def image(self):
        return Image.open(io.BytesIO(self.body))


def ask(emulator, method, path, body=None, headers=None, *, timeout=60):
    host, _, port = emulator.url.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
    finally:
        connection.close()


def body_of(**changes):
    return {**SCHEMA.defaults(), "prompt": "two boats", "seed": 7, **changes}


def generate(emulator, *, path=PATH, timeout=60, **changes):
    headers = {"x-api-key": KEY, "Content-Type": "application/json"}
    return ask(emulator, "POST", path, json.dumps(body_of(**changes)), headers, timeout=timeout)


def submit(emulator, **changes):
    headers = {"x-api-key": KEY, "Content-Type": "application/json"}
    return ask(emulator, "POST", f"/v2/{SCHEMA.slug}", json.dumps(body_of(**changes)), headers)


def poll(emulator, address, key=KEY):
    """Request an address that an answer named, or a path."""
    return ask(emulator, "GET", address.removeprefix(emulator.url), headers={"x-api-key": key})


def finished(emulator, **changes):
    """Submit a job and wait for its end; return its submit document."""
    document = submit(emulator, **changes).json()
    eventually(lambda: emulator.control.running == 0)
    return document


def history(emulator, query="", path="/inference-request/generations"):
    return poll(emulator, f"{path}?{query}").json()["generations"]


def credits(emulator, key=KEY):
    return ask(emulator, "GET", "/v1/get-user-credits", headers={"x-api-key": key})


def control(emulator, changes):
    return ask(emulator, "PUT", "/__control__", json.dumps(changes))


def kinds(emulator):
    return [entry.kind for entry in emulator.control.ledger]

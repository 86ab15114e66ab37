"""Where the vendor refuses a request: at its gateway before the run, or in the worker after the queue.

The order of the checks and the wording of the 406s are inferred; the other texts are the vendor's own.
"""

import json
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from generations.emulator.http.reply import Reply, as_error
from generations.schema import Parameter, ParameterSchema

NO_KEY = "Missing Authorization or x-api-key in header"
BAD_KEY = (
    "Unauthorized. API key is invalid or may have expired. "
    "Please generate a new one at https://cloud.segmind.com/console/api-keys"
)
NO_PROMPT = "Prompt is Mandatory and must be string"
NAMES = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}


class Unreadable(ValueError):
    """The request body is not what its Content-Type says."""


def key(headers: Message, keys: frozenset[str]) -> Reply | None:
    """Only x-api-key counts; a Bearer token is a key that does not fit."""
    given = headers.get("x-api-key")
    if given is None and headers.get("Authorization") is None:
        return as_error(401, NO_KEY)
    return None if given in keys else as_error(401, BAD_KEY)


def content_type(headers: Message) -> Reply | None:
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return None if kind in {"application/json", "multipart/form-data"} else as_error(406, "Invalid content type")


def parse(headers: Message, raw: bytes, schema: ParameterSchema) -> dict[str, object]:
    """The body's values by wire name; raises Unreadable."""
    declared = headers.get("Content-Type", "")
    if declared.lower().startswith("multipart/"):
        return _multipart(declared, raw, schema)
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreadable("The request body is not valid JSON") from None
    if not isinstance(document, dict):
        raise Unreadable("The request body must be a JSON object")
    return document


def declared_sets(schema: ParameterSchema, body: Mapping[str, object]) -> str:
    """What is wrong with a value outside its set. They are compared by their exact code points: `x` is not `×`."""
    for parameter in _given(schema, body):
        allowed = [option.value for option in parameter.options]
        if parameter.force is not None and not allowed:
            allowed = [parameter.force]
        value = body[parameter.wire]
        if allowed and not any(type(value) is type(one) and value == one for one in allowed):
            choices = ", ".join(f"'{one}'" for one in allowed)
            return f"Invalid {parameter.wire}. Allowed values are {choices}."
    return ""


def worker(schema: ParameterSchema, body: Mapping[str, object]) -> tuple[int, str] | None:
    """Status and text of what the model's own code refuses: 400, or 500 with a traceback for a bad number.

    The declared sets are looked at once more: the gateway may have let them pass.
    """
    if text := declared_sets(schema, body):
        return 400, text
    for parameter in schema.parameters:
        value = body.get(parameter.wire)
        if parameter.required and parameter.type == "string" and not (isinstance(value, str) and value.strip()):
            return 400, NO_PROMPT if parameter.role == "prompt" else f"{parameter.wire} is Mandatory and must be string"
        if parameter.required and value is None:
            return 400, f"{parameter.wire} is Mandatory and must be {NAMES[parameter.type]}"
    for parameter in _given(schema, body):
        if problem := _problem(parameter, body[parameter.wire]):
            return 500, traceback(problem)
    return None


def traceback(problem: str) -> str:
    """The vendor's workers answer with the whole traceback as the error text."""
    return (
        "Traceback (most recent call last):\n"
        '  File "/app/handler.py", line 88, in run\n'
        "    image = pipeline(**parameters)\n"
        f"ValueError: {problem}\n"
    )


def _given(schema: ParameterSchema, body: Mapping[str, object]) -> list[Parameter]:
    """Parameters that the body names and that apply under its other values; unknown keys are ignored."""
    values = {p.name: body.get(p.wire, p.default) for p in schema.parameters}
    return [p for p in schema.parameters if p.wire in body and p.applies(values)]


def _problem(parameter: Parameter, value: object) -> str:
    kinds: dict[str, tuple[type, ...]] = {
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "string": (str,),
    }
    wanted = kinds[parameter.type]
    if not isinstance(value, wanted) or (isinstance(value, bool) and parameter.type != "boolean"):
        return f"{parameter.wire} must be {NAMES[parameter.type]}, got {type(value).__name__}"
    if not isinstance(value, int | float):
        return ""
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return f"{parameter.wire} must be between {low} and {high}"
    return ""


def _multipart(declared: str, raw: bytes, schema: ParameterSchema) -> dict[str, object]:
    """Form fields; every value is text there, so numbers are read by the type the schema gives them."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + declared.encode("latin-1") + b"\r\n\r\n" + raw)
    types = {p.wire: p.type for p in schema.parameters}
    values: dict[str, object] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="Content-Disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            values[name] = _from_text(content.decode("utf-8", "replace"), types.get(name, "string"))
    if not values:
        raise Unreadable("The request body is not valid multipart/form-data")
    return values


def _from_text(text: str, kind: str) -> object:
    if kind == "string":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text

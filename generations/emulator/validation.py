"""Where the provider refuses a request: at its gateway before the job, or in the worker after the queue.

The order of the checks and the wording of the 406s are inferred; the other texts are the provider's own.
"""

import json
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from generations.emulator.reply import ProviderReply, error_reply
from generations.schema import Parameter, ParameterSchema

NO_KEY = "Missing Authorization or x-api-key in header"
BAD_KEY = (
    "Unauthorized. API key is invalid or may have expired. "
    "Please generate a new one at https://cloud.segmind.com/console/api-keys"
)
NO_PROMPT = "Prompt is Mandatory and must be string"
# The worker's code is Python; these are the types it takes for those of the schema.
TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
# The provider's workers answer with the whole traceback as the error text.
TRACEBACK = (
    'Traceback (most recent call last):\n  File "/app/handler.py", line 88, in run\n'
    "    image = pipeline(**parameters)\nValueError: {}\n"
)


class UnreadableBody(ValueError):
    """The request body is not what its Content-Type says."""


def check_key(headers: Message, keys: frozenset[str]) -> ProviderReply | None:
    """Refuse a wrong key. Only x-api-key counts; a Bearer token is a key that does not fit."""
    given = headers.get("x-api-key")
    if given is None and headers.get("Authorization") is None:
        return error_reply(401, NO_KEY)
    return None if given in keys else error_reply(401, BAD_KEY)


def check_content_type(headers: Message) -> ProviderReply | None:
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return None if kind in {"application/json", "multipart/form-data"} else error_reply(406, "Invalid content type")


def read_body(headers: Message, raw: bytes, schema: ParameterSchema) -> dict[str, object]:
    """Return the body's values by wire name; raises UnreadableBody."""
    declared = headers.get("Content-Type", "")
    if declared.lower().startswith("multipart/"):
        return _read_multipart(declared, raw, schema)
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise UnreadableBody("The request body is not valid JSON") from None
    if not isinstance(document, dict):
        raise UnreadableBody("The request body must be a JSON object")
    return document


def find_invalid_choice(schema: ParameterSchema, body: Mapping[str, object]) -> str:
    """Say what is wrong with a value outside its set. The exact code points are compared: `x` is not `×`."""
    for parameter in _given(schema, body):
        allowed = [option.value for option in parameter.options]
        if parameter.force is not None and not allowed:
            allowed = [parameter.force]
        value = body[parameter.wire]
        if allowed and not any(type(value) is type(one) and value == one for one in allowed):
            choices = ", ".join(f"'{one}'" for one in allowed)
            return f"Invalid {parameter.wire}. Allowed values are {choices}."
    return ""


def find_invalid_value(schema: ParameterSchema, body: Mapping[str, object]) -> tuple[int, str] | None:
    """Return status and text of what the model's own code refuses: 400, or 500 with a traceback for a bad number.

    The declared sets are looked at once more: the gateway may have let them pass.
    """
    if text := find_invalid_choice(schema, body):
        return 400, text
    for parameter in schema.parameters:
        value = body.get(parameter.wire)
        empty = not (isinstance(value, str) and value.strip()) if parameter.type == "string" else value is None
        if parameter.required and empty:
            is_prompt = parameter.role == "prompt"
            return 400, NO_PROMPT if is_prompt else f"{parameter.wire} is Mandatory and must be {parameter.type}"
    problems = (_problem(parameter, body[parameter.wire]) for parameter in _given(schema, body))
    return next(((500, TRACEBACK.format(problem)) for problem in problems if problem), None)


def _given(schema: ParameterSchema, body: Mapping[str, object]) -> list[Parameter]:
    """Return the parameters that the body names and that apply under its other values; unknown keys are ignored."""
    values = {p.name: body.get(p.wire, p.default) for p in schema.parameters}
    return [p for p in schema.parameters if p.wire in body and p.applies(values)]


def _problem(parameter: Parameter, value: object) -> str:
    is_flag = isinstance(value, bool)
    if not isinstance(value, TYPES[parameter.type]) or is_flag != (parameter.type == "boolean"):
        return f"{parameter.wire} must be {parameter.type}, got {type(value).__name__}"
    low, high = parameter.minimum, parameter.maximum
    if isinstance(value, int | float) and ((low is not None and value < low) or (high is not None and value > high)):
        return f"{parameter.wire} must be between {low} and {high}"
    return ""


def _read_multipart(declared: str, raw: bytes, schema: ParameterSchema) -> dict[str, object]:
    """Return form fields; every value is text there, so numbers are read by the type the schema gives them."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + declared.encode("latin-1") + b"\r\n\r\n" + raw)
    types = {p.wire: p.type for p in schema.parameters}
    values: dict[str, object] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="Content-Disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            text = content.decode("utf-8", "replace")
            try:
                values[name] = text if types.get(name, "string") == "string" else json.loads(text)
            except ValueError:
                values[name] = text
    if not values:
        raise UnreadableBody("The request body is not valid multipart/form-data")
    return values

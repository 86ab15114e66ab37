"""The faults by name: what each can be told, and on which routes calls can meet it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from generations.emulator.faults import lapses, refusals, spoils
from generations.emulator.faults.job import Job
from generations.emulator.http.reply import Reply

# The route whose calls meet the fault: v2 is the submit, status and result are the polls.
Route = Literal["v1", "v2", "status", "result", "history", "credits", "files"]
ROUTES: tuple[Route, ...] = get_args(Route)
PAID: tuple[Route, ...] = ("v1", "v2")

FAULTS: dict[str, Callable[..., Reply]] = {
    "400": refusals.bad_request,
    "401-missing": refusals.no_key,
    "401": refusals.bad_key,
    "402": refusals.no_money,
    "403": refusals.forbidden,
    "404": refusals.unknown_model,
    "405": refusals.wrong_verb,
    "406-content-type": refusals.content_type,
    "406-credits": refusals.credits,
    "406-value": refusals.outside_set,
    "406-spend-limit": refusals.spend_limit,
    "410": refusals.retired,
    "422": refusals.failed_job,
    "429": refusals.too_many,
    "429-no-header": refusals.too_many_unsaid,
    "429-past": refusals.too_many_past,
    "500": refusals.worker_failed,
    "500-traceback": refusals.worker_traceback,
    "500-empty": refusals.worker_silent,
    "502": refusals.bad_gateway,
    "503": refusals.unavailable,
    "504": refusals.gateway_timeout,
    "polling-error": refusals.polling_error,
    "redirect": refusals.redirect,
    "hang": spoils.hang,
    "drop": spoils.drop,
    "cut": spoils.cut,
    "drip": spoils.drip,
    "oversized": spoils.oversized,
    "json-error": spoils.json_error,
    "html": spoils.page,
    "empty": spoils.nothing,
    "truncated": spoils.truncated,
    "other-format": spoils.other_format,
    "other-size": spoils.other_size,
    "black": spoils.black,
    "animated": spoils.animated,
    "trailing": spoils.trailing,
    "wrong-type": spoils.wrong_type,
    "no-type": spoils.no_type,
    "no-headers": spoils.no_headers,
    "bad-headers": spoils.bad_headers,
    "json-base64": spoils.json_base64,
    "json-url": spoils.json_url,
    "failed": lapses.failed,
    "endless": lapses.endless,
    "no-request-id": lapses.no_request_id,
    "404-request": lapses.forgotten,
    "still-processing": lapses.still_processing,
    "other-output": lapses.other_output,
    "no-output": lapses.no_output,
    "no-metrics": lapses.no_metrics,
    "bad-metrics": lapses.bad_metrics,
}
# Faults that make sense on these routes only; the others can be met anywhere.
PICTURE: tuple[Route, ...] = ("v1", "files")
POLL: tuple[Route, ...] = ("status", "result")
ONLY: dict[str, tuple[Route, ...]] = {
    "oversized": PICTURE,
    "other-format": PICTURE,
    "other-size": PICTURE,
    "black": PICTURE,
    "animated": PICTURE,
    "trailing": PICTURE,
    "no-headers": ("v1",),
    "bad-headers": ("v1",),
    "json-base64": ("v1",),
    "json-url": ("v1",),
    "failed": ("v2",),
    "endless": ("v2",),
    "no-request-id": ("v2",),
    "404-request": POLL,
    "still-processing": POLL,
    "other-output": ("result",),
    "no-output": ("result",),
    "no-metrics": POLL,
    "bad-metrics": POLL,
}
# Not an answer to a call: nobody listens for a while. The server does it, see `Control.fault`.
REFUSED = "refused"


@dataclass
class Fault:
    name: str
    times: int = 1
    on: Route | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Where calls can meet it: where it was told to, else at the paid calls of either version, else where it can
        be met first.
        """
        if self.on is not None:
            return (self.on,)
        fitting = routes_of(self.name)
        return tuple(route for route in PAID if route in fitting) or fitting[:1]

    def answer(self, job: Job) -> Reply:
        return FAULTS[self.name](job, **self.options)


def routes_of(name: str) -> tuple[Route, ...]:
    return ONLY.get(name, ROUTES)


def options_of(name: str) -> dict[str, Any]:
    """What the fault can be told, with its defaults."""
    parameters = inspect.signature(FAULTS[name]).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def check(fault: Fault) -> None:
    """Raises ValueError with a sentence when the name, the route or an option is unknown or does not fit."""
    # In a list even what cannot be hashed is looked for, and the control plane's JSON may hold anything.
    if fault.name not in list(FAULTS):
        raise ValueError(f"There is no fault {fault.name!r}; known: {', '.join([*FAULTS, REFUSED])}.")
    if fault.on is not None and fault.on not in ROUTES:
        raise ValueError(f"There is no route {fault.on!r}; known: {', '.join(ROUTES)}.")
    if fault.on is not None and fault.on not in routes_of(fault.name):
        raise ValueError(f"{fault.name} cannot be met on {fault.on}, only on {', '.join(routes_of(fault.name))}.")
    # The control plane's JSON does not know the types.
    if type(fault.times) is not int or fault.times < 1:
        raise ValueError(f"times is {fault.times!r}; give a whole number from 1.")
    defaults = options_of(fault.name)
    for option, value in fault.options.items():
        if option not in defaults:
            raise ValueError(f"{fault.name} has no option {option!r}; known: {', '.join(defaults) or 'none'}.")
        wanted = (int, float) if isinstance(defaults[option], float) else type(defaults[option])
        if not isinstance(value, wanted):
            raise ValueError(f"{option} is {value!r}; {fault.name} needs a value like {defaults[option]!r}.")

"""One row of the matrix, and helpers that write several."""

from dataclasses import dataclass, field
from typing import Any

from tests.authorisation.policies import OK, Policy

GET, POST = "GET", "POST"


@dataclass(frozen=True)
class Row:
    """One request and its answers.

    `args` are names of things or literal words; so are `fields`, with `@` before the name of a thing. `ok` is the
    status for users who are allowed, `but` has exceptions for single users. `shows` is what the answer gives to
    everybody who gets it: secrets by name, ids of things, words. `writes` is what reading may change, and only that.
    """

    name: str
    args: str = ""
    policy: Policy = field(default_factory=dict, hash=False, repr=False)
    method: str = GET
    fields: dict[str, Any] = field(default_factory=dict, hash=False)
    ok: Any = 200
    but: dict[str, Any] = field(default_factory=dict, hash=False, repr=False)
    query: str = ""
    shows: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = (f"{name}={value}" for name, value in self.fields.items())
        return " ".join(part for part in (self.method, self.name, self.args, self.query, *said) if part)

    def expected(self, who: str) -> Any:
        answer = self.but.get(who, self.policy[who])
        return self.ok if answer == OK else answer


def form(name: str, args: str, policy: Policy, /, *, ok: Any = 302, shows: tuple[str, ...] = (), but: Any = None,
         query: str = "", **fields: Any) -> Row:  # fmt: skip
    """Return a POST, which answers with a redirect unless `ok` says otherwise."""
    return Row(name, args, policy, POST, fields, ok, but or {}, query, shows)


def each(name: str, policies: dict[str, Policy], /, method: str = GET, more: str = "", **options: Any) -> list[Row]:
    """Return the same request for several things."""
    make = form if method == POST else Row
    return [make(name, f"{thing}{more}", policy, **options) for thing, policy in policies.items()]

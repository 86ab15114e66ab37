"""One row of the matrix, and short ways to write several."""

from dataclasses import dataclass, field
from typing import Any

from tests.authorisation.policies import OK, Policy

GET, POST = "GET", "POST"


@dataclass(frozen=True)
class Row:
    """`args` are names of things, or literal words; `fields` likewise, a thing behind `@`.

    `ok` is the status for who gets it, `but` what is different for single people. `shows` is what the address
    itself gives to everybody who has it: secrets by name, ids of things, words; `writes` what reading it may change,
    and only that.
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
    """A POST; where nothing else is said it answers with a redirect."""
    return Row(name, args, policy, POST, fields, ok, but or {}, query, shows)


def each(name: str, policies: dict[str, Policy], /, method: str = GET, more: str = "", **options: Any) -> list[Row]:
    """The same of several things."""
    make = form if method == POST else Row
    return [make(name, f"{thing}{more}", policy, **options) for thing, policy in policies.items()]

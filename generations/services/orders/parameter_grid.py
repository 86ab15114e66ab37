"""Several seeds, sizes and speeds at once: a table of cells, each a picture of its own, before anything is ordered."""

import hashlib
import json
from collections.abc import Set
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from generations import schema
from generations.models import Generation, Team, User
from generations.queries.generations.duplicates import find_duplicates
from generations.queries.orders.expected_time import ExpectedTime, expected_time
from generations.services.orders.submit import GenerationRequest, build_generations

MAX_CELLS = 64
BY_HAND, OVER_CAP = "by hand", "cap"
ParameterChoice = schema.Option | None


@dataclass(frozen=True)
class GridRequest:
    """The same values for all, and what changes from cell to cell; `cap` is US dollars, None for no cap."""

    model: schema.ParameterSchema
    values: schema.Values
    sizes: tuple[ParameterChoice, ...]
    speeds: tuple[ParameterChoice, ...]
    seeds: tuple[int | None, ...]
    cap: Decimal | None = None

    @property
    def count(self) -> int:
        return len(self.sizes) * len(self.speeds) * len(self.seeds)


@dataclass(frozen=True)
class GridCell:
    """One picture of the table; `out` says why it is not ordered, empty when it is. `has` is the same picture, paid for
    already.
    """

    key: str
    size: ParameterChoice
    speed: ParameterChoice
    seed: int | None
    values: schema.Values
    price: Decimal
    has: Generation | None
    out: str

    @property
    def taken(self) -> bool:
        return not self.out


@dataclass(frozen=True)
class GridPlan:
    request: GridRequest
    cells: tuple[GridCell, ...]
    takes: ExpectedTime

    @property
    def taken(self) -> list[GridCell]:
        return [cell for cell in self.cells if cell.taken]

    @property
    def total(self) -> Decimal:
        """US dollars for what is taken."""
        return sum((cell.price for cell in self.taken), Decimal(0))

    @property
    def stamp(self) -> str:
        """Changes with everything that the table was made from; which cells are taken is no part of it."""
        said = [[cell.key for cell in self.cells], self.request.values, str(self.request.cap), self.request.model.id]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]


def plan_grid(
    *, actor: User, team: Team, request: GridRequest, seen: Set[str] = frozenset(), ticked: Set[str] = frozenset(),
    only_ticked: bool = False,
) -> GridPlan:  # fmt: skip
    """Cells that were seen are taken when they are ticked, new ones unless the team has them; then the cap cuts off
    the rest. `only_ticked`: nothing is taken that was not ticked, seen or not.
    """
    corners = list(product(request.sizes, request.speeds, request.seeds))
    each = tuple(_values(request, *corner) for corner in corners)
    rows = (
        build_generations(
            actor=actor, team=team, order=GenerationRequest({}, len(each), model=request.model.id, cells=each)
        )
        if each
        else []
    )
    has = find_duplicates(team, actor, [row.fingerprint for row in rows])
    cells, spent = [], Decimal(0)
    for corner, row in zip(corners, rows, strict=True):
        key, twin = _key(*corner), has.get(row.fingerprint)
        asked = key in ticked if only_ticked or key in seen else twin is None
        out = "" if asked else BY_HAND
        if asked and request.cap is not None and spent + row.estimate > request.cap:
            out = OVER_CAP
            spent = request.cap  # what comes after it is left out as well, however cheap
        spent += Decimal(0) if out else row.estimate
        cells.append(GridCell(key, *corner, row.parameters, row.estimate, twin, out))
    kinds = [(row.size, row.speed) for row, cell in zip(rows, cells, strict=True) if cell.taken]
    return GridPlan(request, tuple(cells), expected_time(request.model.id, kinds))


def _values(request: GridRequest, size: ParameterChoice, speed: ParameterChoice, seed: int | None) -> schema.Values:
    changed = {"size": size.value if size else None, "speed": speed.value if speed else None, "seed": seed}
    names = {role: parameter.name for role in changed if (parameter := request.model.by_role(role))}
    return {
        **request.values,
        **{names[role]: said for role, said in changed.items() if said is not None and role in names},
    }


def _key(size: ParameterChoice, speed: ParameterChoice, seed: int | None) -> str:
    return "/".join([size.name if size else "", speed.name if speed else "", "" if seed is None else str(seed)])

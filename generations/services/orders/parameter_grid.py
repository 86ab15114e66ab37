"""Parameter grids: every combination of wildcards, sizes, speeds and seeds, planned before anything is generated."""

import hashlib
import json
from collections.abc import Set
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from generations import schema
from generations.models import Collection, Generation, Team, User
from generations.queries.generations.duplicates import find_duplicates
from generations.queries.orders.expected_time import ExpectedTime, expected_time
from generations.services.orders.submit import GenerationRequest, build_generations, require_allowed
from generations.services.orders.wildcards import Wording

MAX_CELLS = 64
BY_HAND, OVER_CAP = "by hand", "cap"
ParameterChoice = schema.Option | None
Corner = tuple[Wording | None, ParameterChoice, ParameterChoice, int | None]


@dataclass(frozen=True)
class GridRequest:
    """Values common to all cells, and those that vary; `cap` is the highest total in US dollars, None for no cap."""

    model: schema.ParameterSchema
    values: schema.Values
    sizes: tuple[ParameterChoice, ...]
    speeds: tuple[ParameterChoice, ...]
    seeds: tuple[int | None, ...]
    cap: Decimal | None = None
    # The prompts of a prompt with wildcards; None stands for the prompt in `values`.
    wordings: tuple[Wording | None, ...] = (None,)
    collection: Collection | None = None

    @property
    def count(self) -> int:
        return len(self.wordings) * len(self.sizes) * len(self.speeds) * len(self.seeds)


@dataclass(frozen=True)
class GridCell:
    """One picture of the grid.

    `out` is why it is left out, empty when it is included; `has` is a finished picture with the same parameters.
    """

    key: str
    wording: Wording | None
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
    """The cells of a grid, and the expected time until those included are done."""

    request: GridRequest
    cells: tuple[GridCell, ...]
    takes: ExpectedTime

    @property
    def taken(self) -> list[GridCell]:
        return [cell for cell in self.cells if cell.taken]

    @property
    def total(self) -> Decimal:
        """Return the expected price of the included cells in US dollars."""
        return sum((cell.price for cell in self.taken), Decimal(0))

    @property
    def stamp(self) -> str:
        """Return a hash of everything the grid was made from, except which cells are included."""
        said = [[cell.key for cell in self.cells], self.request.values, str(self.request.cap), self.request.model.id]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]


def plan_grid(
    *, actor: User, team: Team, request: GridRequest, seen: Set[str] = frozenset(), ticked: Set[str] = frozenset(),
    only_ticked: bool = False,
) -> GridPlan:  # fmt: skip
    """Decide which cells are included.

    Cells that were `seen` are included when they are `ticked`, new ones unless the team has the picture already. Then
    the cap leaves out the first cell that exceeds it and all later ones. With `only_ticked`, new cells need a tick as
    well. Raises BlockedWordInPrompt and CostCentreMissing.
    """
    corners = list(product(request.wordings, request.sizes, request.speeds, request.seeds))
    each = tuple(_values(request, corner) for corner in corners)
    order = GenerationRequest({}, len(each), model=request.model.id, cells=each, collection=request.collection)
    require_allowed(team=team, order=order)
    rows = build_generations(actor=actor, team=team, order=order) if each else []
    has = find_duplicates(team, actor, [row.fingerprint for row in rows])
    cells, spent = [], Decimal(0)
    for corner, row in zip(corners, rows, strict=True):
        key, twin = _key(corner), has.get(row.fingerprint)
        asked = key in ticked if only_ticked or key in seen else twin is None
        out = "" if asked else BY_HAND
        if asked and request.cap is not None and spent + row.estimate > request.cap:
            out = OVER_CAP
            spent = request.cap  # later cells are left out as well, however cheap
        spent += Decimal(0) if out else row.estimate
        cells.append(GridCell(key, *corner, row.parameters, row.estimate, twin, out))
    kinds = [(row.size, row.speed) for row, cell in zip(rows, cells, strict=True) if cell.taken]
    return GridPlan(request, tuple(cells), expected_time(team, actor, request.model.id, kinds))


def _values(request: GridRequest, corner: Corner) -> schema.Values:
    wording, size, speed, seed = corner
    changed = {
        "prompt": wording.prompt if wording else None,
        "size": size.value if size else None,
        "speed": speed.value if speed else None,
        "seed": seed,
    }
    names = {role: parameter.name for role in changed if (parameter := request.model.by_role(role))}
    return {
        **request.values,
        **{names[role]: said for role, said in changed.items() if said is not None and role in names},
    }


def _key(corner: Corner) -> str:
    """Return the key of a cell, without spaces; a wording is in it as a hash, since prompts may be long."""
    wording, size, speed, seed = corner
    prompt = [hashlib.sha256(wording.prompt.encode()).hexdigest()[:12]] if wording else []
    said = [size.name if size else "", speed.name if speed else "", "" if seed is None else str(seed)]
    return "/".join(prompt + said)

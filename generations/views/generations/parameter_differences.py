"""In what two pictures differ: what was asked for, parameter by parameter, and what became of it."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from generations import schema
from generations.models import Attempt, Generation
from generations.views.generations.metadata import metadata

# Said of every two pictures, whether they differ in it or not.
ALWAYS = ("Cost", "Took", "File", "Made by")
Piece = tuple[str, bool]


@dataclass(frozen=True)
class ParameterDifference:
    """Each side in pieces of text, with whether the other side lacks it."""

    label: str
    a: list[Piece]
    b: list[Piece]

    @property
    def same(self) -> bool:
        return self.a == self.b


def parameter_differences(a: Generation, b: Generation) -> list[ParameterDifference]:
    """Every parameter that either of them has a value for, in the order of the form."""
    models = {row.model: schema.is_known(row.model) for row in (a, b)}
    parameters = {one.name: one for model in models.values() for one in model.parameters if _counts(one)}
    pairs = ((one, _value(one, a), _value(one, b)) for one in parameters.values())
    rows = [_difference(one.label, one.role, *said) for one, *said in pairs if any(said)]
    titles = [models[row.model].title if models[row.model].id == row.model else row.model for row in (a, b)]
    return [*rows, _whole("Model", *titles)]


def outcome_differences(
    a: Generation, b: Generation, attempts: dict[uuid.UUID, Sequence[Attempt]]
) -> list[ParameterDifference]:
    """Cost, times, file and maker."""
    said = [
        {fact["label"]: fact["value"] for fact in metadata(row, schema.is_known(row.model), attempts[row.pk], "")}
        for row in (a, b)
    ]
    return [_whole(label, said[0].get(label, ""), said[1].get(label, "")) for label in ALWAYS]


def _counts(parameter: schema.Parameter) -> bool:
    return parameter.shown or bool(parameter.role)


def _value(parameter: schema.Parameter, row: Generation) -> str:
    """As people read it; empty where it did not apply."""
    if parameter.role == "seed":
        return "" if row.seed is None else str(row.seed)
    value = row.parameters.get(parameter.name)
    if value is None or not parameter.applies(row.parameters):
        return ""
    option = parameter.option(value)
    if option is None:
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return f"{option.label} · {option.width} × {option.height}" if option.width else option.label


def _difference(label: str, role: str, a: str, b: str) -> ParameterDifference:
    if role != "prompt" or a == b:
        return _whole(label, a, b)
    mine, theirs = a.split(), b.split()
    blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
    shared_a = {block.a + n for block in blocks for n in range(block.size)}
    shared_b = {block.b + n for block in blocks for n in range(block.size)}
    return ParameterDifference(label, list(_pieces(mine, shared_a)), list(_pieces(theirs, shared_b)))


def _pieces(words: list[str], shared: set[int]) -> Iterator[Piece]:
    """Neighbouring words of one kind are one piece."""
    for changed, some in groupby(range(len(words)), lambda n: n not in shared):
        yield " ".join(words[n] for n in some), changed


def _whole(label: str, a: str, b: str) -> ParameterDifference:
    return ParameterDifference(label, [(a, False)], [(b, False)])

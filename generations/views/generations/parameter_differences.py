"""Differences between two pictures: parameter by parameter, and in the outcome."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from django.utils.translation import gettext as _

from generations import schema
from generations.models import Attempt, Generation, name_in
from generations.views.generations.metadata import metadata
from generations.views.site.formatting import day_and_clock

Piece = tuple[str, bool]


@dataclass(frozen=True)
class ParameterDifference:
    """One row of the comparison; each side is pieces of text with a flag for pieces that the other side lacks."""

    label: str
    a: list[Piece]
    b: list[Piece]

    @property
    def same(self) -> bool:
        return self.a == self.b


def parameter_differences(a: Generation, b: Generation) -> list[ParameterDifference]:
    """Return every parameter that at least one of them has a value for, in the order of the form."""
    models = {row.model: schema.is_known(row.model) for row in (a, b)}
    parameters = {one.name: one for model in models.values() for one in model.parameters if _counts(one)}
    pairs = ((one, _value(one, a), _value(one, b)) for one in parameters.values())
    rows = [_difference(_(one.label), one.role, *said) for one, *said in pairs if any(said)]
    titles = [models[row.model].title if models[row.model].id == row.model else row.model for row in (a, b)]
    return [*rows, _whole(_("Model"), *titles)]


def outcome_differences(
    a: Generation, b: Generation, attempts: dict[uuid.UUID, Sequence[Attempt]]
) -> list[ParameterDifference]:
    """Return cost, time, file and author of both, also when they are equal."""
    labels = (_("Cost"), _("Duration"), _("File"), _("Created by"))
    said = [_outcome(row, attempts[row.pk]) for row in (a, b)]
    return [_whole(label, said[0].get(label, ""), said[1].get(label, "")) for label in labels]


def _outcome(row: Generation, attempts: Sequence[Attempt]) -> dict[str, str]:
    facts = {fact.label: fact.value for fact in metadata(row, schema.is_known(row.model), attempts)}
    return facts | {_("Created by"): f"{name_in(row, 'author')} · {day_and_clock(row.created_at)}"}


def _counts(parameter: schema.Parameter) -> bool:
    return parameter.shown or bool(parameter.role)


def _value(parameter: schema.Parameter, row: Generation) -> str:
    """Return the value as people read it; empty when the parameter did not apply."""
    if parameter.role == "seed":
        return "" if row.seed is None else str(row.seed)
    value = row.parameters.get(parameter.name)
    if value is None or not parameter.applies(row.parameters):
        return ""
    option = parameter.option(value)
    if option is None:
        return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value)
    return f"{_(option.label)} · {option.width} × {option.height}" if option.width else _(option.label)


def _difference(label: str, role: str, a: str, b: str) -> ParameterDifference:
    if role != "prompt" or a == b:
        return _whole(label, a, b)
    mine, theirs = a.split(), b.split()
    blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
    shared_a = {block.a + n for block in blocks for n in range(block.size)}
    shared_b = {block.b + n for block in blocks for n in range(block.size)}
    return ParameterDifference(label, list(_pieces(mine, shared_a)), list(_pieces(theirs, shared_b)))


def _pieces(words: list[str], shared: set[int]) -> Iterator[Piece]:
    """Yield the words, joining neighbours that are all shared or all changed."""
    for changed, some in groupby(range(len(words)), lambda n: n not in shared):
        yield " ".join(words[n] for n in some), changed


def _whole(label: str, a: str, b: str) -> ParameterDifference:
    return ParameterDifference(label, [(a, False)], [(b, False)])

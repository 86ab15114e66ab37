"""The line below the composer's controls: what the choice means, how long it takes, and what is left of the limit."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from generations import schema
from generations.forms.composer import OptionView, ParameterView
from generations.queries.generations.attempt_history import usual_duration, usual_durations
from generations.queries.spending.limits import BindingLimit
from generations.views.site.formatting import dollars


@dataclass(frozen=True)
class Meaning:
    """What one size means, with the condition for the script that hides fields."""

    text: str
    visible_if: str
    shown: bool


@dataclass(frozen=True)
class UsualDuration:
    """The usual duration at one speed, with the condition for the script that hides fields."""

    range: str
    visible_if: str
    shown: bool
    speed: str = ""


@dataclass(frozen=True)
class LimitLeft:
    """What is left of the binding limit, in words and as a share for the meter; `about` says whose limit that is."""

    text: str
    about: str
    per_cent: int


def meanings(sizes: ParameterView | None) -> list[Meaning]:
    options = sizes.options if sizes else []
    return [Meaning(one.meaning, _only(sizes.name, one.value), one.checked) for one in options if sizes]


def usual_times(
    model: schema.ParameterSchema, size: schema.Option | None, chosen: schema.Option | None
) -> list[UsualDuration]:
    shape, speed = size.name if size else "", model.by_role("speed")
    if speed is None:
        return [UsualDuration(str(usual_duration(model.id, shape, "")), "", shown=True)]
    known = usual_durations(model.id, [(shape, option.name) for option in speed.options])
    return [
        UsualDuration(
            str(known[shape, option.name]), _only(speed.name, option.value), shown=option == chosen,
            speed=_(option.label),
        )
        for option in speed.options
    ]  # fmt: skip


def limit_left(limit: BindingLimit | None) -> LimitLeft | None:
    if limit is None:
        return None
    text = _("%(left)s left of %(limit)s today") if limit.is_daily else _("%(left)s left of %(limit)s this month")
    amounts = {"left": dollars(limit.left, places=2), "limit": dollars(limit.most, places=2)}
    about = _("%(left)s of %(limit)s is left of %(name)s.") % {**amounts, "name": limit.name}
    return LimitLeft(text % amounts, about, limit.per_cent)


def chosen_option(options: Iterable[OptionView]) -> OptionView | None:
    return next((one for one in options if one.checked), None)


def _only(name: str, value: schema.Value) -> str:
    return json.dumps({name: [value]})

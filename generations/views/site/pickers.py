"""Collections and tags for menus and suggestions, and the bulk actions of a role."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from generations.models import Team, User, Visibility
from generations.permissions import Verb, allows
from generations.queries.collections import collections
from generations.queries.gallery import tags

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WHO_SEES = {Visibility.PRIVATE.value: _("Private"), Visibility.TEAM.value: _("Team")}


@dataclass(frozen=True)
class Choice:
    """One option of a menu, a select, or a set of radio buttons."""

    value: str
    label: str
    chosen: bool


def choices(options: "Iterable[tuple[str, str | _StrPromise]]", chosen: str) -> list[Choice]:
    return [Choice(value, str(label), value == chosen) for value, label in options]


@dataclass(frozen=True)
class PickerOptions:
    """The options of one page, read by two queries; collections without a cost centre have no entry in those."""

    collections: list[tuple[uuid.UUID, str]]
    tags: list[str]
    cost_centres: dict[uuid.UUID, str]

    @classmethod
    def of(cls, team: Team, viewer: User) -> "PickerOptions":
        rows = collections.collection_options(team)
        names = [(id_, name) for id_, name, _cost_centre in rows]
        cost_centres = {id_: cost_centre for id_, _name, cost_centre in rows if cost_centre}
        return cls(names, tags.suggestions(team, viewer), cost_centres)

    def collection_choices(self, chosen: str) -> list[Choice]:
        """Return the collections for a new picture, with the cost centre that it would get from them."""
        return choices(((str(id_), self._with_cost_centre(id_, name)) for id_, name in self.collections), chosen)

    def _with_cost_centre(self, id_: uuid.UUID, name: str) -> str:
        return f"{name} · {self.cost_centres[id_]}" if id_ in self.cost_centres else name


def bulk_action_permissions(role: str | None) -> dict[str, bool]:
    """Return which bulk actions the bar offers; each picture is checked again when the action runs."""
    return {
        "organise": allows(role, Verb.ORGANISE),
        "share": allows(role, Verb.SHARE),
        "edit": allows(role, Verb.EDIT_OWN),
        "merge_tags": allows(role, Verb.MERGE_TAGS),
    }

"""The filter bar: the options, the chosen ones, and the address without them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import schema
from generations.folding import fold
from generations.forms.gallery import LISTED_STATES, carried_from, query_of
from generations.models import Team
from generations.queries.gallery.gallery import PERIODS, GallerySearch
from generations.queries.teams.members import people_of
from generations.services.gallery.saved_searches import MAX_NAME_LENGTH
from generations.views.site.formatting import shortened
from generations.views.site.pickers import Choice, PickerOptions, choices

MAX_SUGGESTED_TAGS = 8
PERIOD_NAMES = dict(
    zip(
        PERIODS,
        (
            gettext_lazy("Today"),
            gettext_lazy("Yesterday"),
            gettext_lazy("This week"),
            gettext_lazy("Last week"),
            gettext_lazy("Last 30 days"),
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class Chip:
    """The menu of one filter; `value_label` is the chosen option, empty when none is."""

    name: str
    label: str
    value_label: str
    options: list[Choice]

    @property
    def active(self) -> bool:
        return bool(self.value_label)


@dataclass(frozen=True)
class TimeFilter:
    """The chosen days or period, and the label of the chip; empty when neither is set."""

    first_day: str
    last_day: str
    period: str

    @property
    def days(self) -> str:
        return f"{self.first_day or '…'} – {self.last_day or '…'}" if self.first_day or self.last_day else ""

    @property
    def label(self) -> str:
        return str(PERIOD_NAMES.get(self.period, self.days))


@dataclass(frozen=True)
class ChosenFilter:
    """A filter that is set, and the address without it."""

    label: str
    value: str
    without_url: str


@dataclass(frozen=True)
class Filters:
    """The search row of the gallery: `chips` are its menus, `chosen` the filters inside the search field."""

    q: str
    form_action: str
    chips: list[Chip]
    chosen: list[ChosenFilter]
    periods: Chip
    time: TimeFilter
    sentence: str
    favourite: bool
    clear_url: str
    active: bool
    hidden: list[tuple[str, str]]

    @property
    def person(self) -> Chip:
        return self.chips[0]

    @property
    def tags(self) -> list[Choice]:
        """Return the tags that the search field suggests."""
        options = next((chip.options for chip in self.chips if chip.name == "tag"), [])
        return [option for option in options if option.value and not option.chosen][:MAX_SUGGESTED_TAGS]

    @property
    def more(self) -> list[Chip]:
        """Return the menus of the button Filters."""
        return self.chips[1:]


def filters(query: Mapping[str, str], search: GallerySearch, team: Team, shelf: PickerOptions) -> Filters:
    url = reverse("gallery", args=[team.slug])
    kept = carried_from(query)
    chips = [
        _chip("person", _("Creator"), _("All members"), _people(team), str(search.person or "")),
        _chip("size", _("Size"), _("Any size"), _options("size"), search.size),
        _chip("speed", _("Speed"), _("Any speed"), _options("speed"), search.speed),
        _chip("state", _("State"), _("Any state"), _states(), search.state),
        *_kept(search, shelf),
    ]
    time = TimeFilter(_iso(search.first_day), _iso(search.last_day), search.period)
    return Filters(
        q=search.q,
        form_action=url,
        chips=chips,
        chosen=_chosen(search, chips, time, lambda rest: url + query_of(rest, **kept)),
        periods=_periods(search.period),
        time=time,
        sentence=_sentence(search, chips, time.label),
        favourite=search.favourite,
        clear_url=url + query_of(GallerySearch(), **kept),
        active=search.active,
        hidden=list(kept.items()),
    )


def _chosen(
    search: GallerySearch, chips: list[Chip], time: TimeFilter, address: Callable[[GallerySearch], str]
) -> list[ChosenFilter]:
    """Return the filters that are set, each with the address of the search without it."""
    plain = GallerySearch()
    found = [
        ChosenFilter(chip.label, chip.value_label, address(replace(search, **{chip.name: getattr(plain, chip.name)})))
        for chip in chips
        if chip.active
    ]
    if time.label:
        rest = replace(search, period="", first_day=None, last_day=None)
        found.append(ChosenFilter(_("Period"), time.label, address(rest)))
    if search.favourite:
        found.append(ChosenFilter(_("Filter"), _("Favourites"), address(replace(search, favourite=False))))
    return found


def _sentence(search: GallerySearch, chips: list[Chip], time: str) -> str:
    """Return the suggested name of this search."""
    said = [search.q, *(chip.value_label for chip in chips), time]
    parts = [part for part in [*said, _("Favourites") if search.favourite else ""] if part]
    return shortened(" · ".join(parts) or _("Search"), MAX_NAME_LENGTH)


def _chip(name: str, label: str, everything: str, options: list[tuple[str, str]], chosen: str) -> Chip:
    current = next((text for value, text in options if value == chosen), "")
    return Chip(name, label, current, choices([("", everything), *options], chosen))


def _periods(chosen: str) -> Chip:
    options = [(period, str(label)) for period, label in PERIOD_NAMES.items()]
    return _chip("when", _("Any time"), _("Any time"), options, chosen)


def _kept(search: GallerySearch, shelf: PickerOptions) -> list[Chip]:
    """Return the chips of collections, tags and prompt families; a chip without options is left out."""
    collections = [(str(id_), name) for id_, name in shelf.collections]
    chosen = str(search.collection or "")
    if chosen and chosen not in dict(collections):
        collections.append((chosen, _("Selected collection")))
    # An address may spell a tag in another way.
    tag = next((word for word in shelf.tags if fold(word) == fold(search.tag)), search.tag)
    words = [(word, word) for word in dict.fromkeys([*shelf.tags, *([tag] if tag else [])])]
    chips = [
        ("collection", _("Collection"), _("Any collection"), collections, chosen),
        ("tag", _("Tag"), _("Any tag"), words, tag),
    ]
    if search.prompt_group:
        # Chosen on the page of credits only, because a team has too many families for a menu.
        said = _("Like “%(prompt)s”") % {"prompt": shortened(search.prompt_group, 40)}
        chips.append(("prompt_group", _("Idea"), _("Any idea"), [(search.prompt_group, said)], search.prompt_group))
    return [_chip(*chip) for chip in chips if chip[3]]


def _states() -> list[tuple[str, str]]:
    return [(state.value, str(state.label)) for state in LISTED_STATES]


def _people(team: Team) -> list[tuple[str, str]]:
    return [(str(person.pk), person.display_name) for person in people_of(team)]


def _options(role: str) -> list[tuple[str, str]]:
    """Return the options of every model, each short name once."""
    parameters = [parameter for model in schema.load().values() if (parameter := model.by_role(role))]
    options = {option.name: option for parameter in parameters for option in parameter.options}
    return [(name, _with_pixels(one)) for name, one in options.items()]


def _with_pixels(option: schema.Option) -> str:
    return f"{_(option.label)} · {option.width} × {option.height}" if option.width else _(option.label)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""

"""The filter bar: the options, the chosen ones, and the address without them."""

from typing import Any

from django.urls import reverse

from generations import schema
from generations.forms.gallery import LISTED_STATES, carried_from, query_of
from generations.models import Team
from generations.queries.gallery.gallery import PERIODS, GallerySearch
from generations.services.gallery.saved_searches import MAX_NAME_LENGTH
from generations.views.site.formatting import shortened
from generations.views.site.pickers import PickerOptions

PERIOD_NAMES = dict(zip(PERIODS, ("Today", "Yesterday", "This week", "Last week", "Last 30 days"), strict=True))


def filters(query: Any, search: GallerySearch, team: Team, shelf: PickerOptions) -> dict[str, Any]:
    url = reverse("gallery", args=[team.slug])
    kept = carried_from(query)
    chips = [
        _chip("person", "Everyone", _people(team), str(search.person or "")),
        _chip("size", "Size", _options("size"), search.size),
        _chip("speed", "Speed", _options("speed"), search.speed),
        _chip("state", "State", [(str(state), label) for state, label in LISTED_STATES.items()], search.state),
        *_kept(search, shelf),
    ]
    time = _time(search)
    return {
        "q": search.q,
        "form_action": url,
        "chips": chips,
        # The fields that the search box submits beside its text.
        "quick": [chips[0], _chip("when", "Any time", list(PERIOD_NAMES.items()), search.period)],
        "dates": {"from": _iso(search.first_day), "to": _iso(search.last_day)},
        "time": time,
        "sentence": _sentence(search, chips, time["label"]),
        "favourite": search.favourite,
        "clear_url": url + query_of(GallerySearch(), **kept),
        "active": search.active,
        "hidden": list(kept.items()),
    }


def _time(search: GallerySearch) -> dict[str, str]:
    """Return the chosen days or period and the label of the chip; empty when neither is set."""
    first, last = _iso(search.first_day), _iso(search.last_day)
    days = f"{first or '…'} – {last or '…'}" if first or last else ""
    label = PERIOD_NAMES.get(search.period, days)
    return {"days": days, "when": search.period, "label": label}


def _sentence(search: GallerySearch, chips: list[dict[str, Any]], time: str) -> str:
    """Return the suggested name of this search."""
    said = [search.q, *(chip["value_label"] for chip in chips), time]
    parts = [part for part in [*said, "Favourites" if search.favourite else ""] if part]
    return shortened(" · ".join(parts) or "Search", MAX_NAME_LENGTH)


def _chip(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> dict[str, Any]:
    everything = ("", label if name in {"person", "when"} else f"Any {label.lower()}")
    listed = [{"value": v, "label": text, "checked": v == chosen} for v, text in [everything, *options]]
    current = next((text for value, text in options if value == chosen), "")
    return {"name": name, "label": label, "value_label": current, "active": bool(current), "options": listed}


def _kept(search: GallerySearch, shelf: PickerOptions) -> list[dict[str, Any]]:
    """Return the chips of collections, tags and prompt families; a chip without options is left out."""
    collections = [(str(id_), name) for id_, name in shelf.collections]
    chosen = str(search.collection or "")
    if chosen and chosen not in dict(collections):
        collections.append((chosen, "Chosen collection"))
    words = [(word, word) for word in dict.fromkeys([*shelf.tags, *([search.tag] if search.tag else [])])]
    chips = [("collection", "Collection", collections, chosen), ("tag", "Tag", words, search.tag)]
    if search.prompt_group:
        # Chosen on the page of credits only, because a team has too many families for a menu.
        said = f"Like “{shortened(search.prompt_group, 40)}”"
        chips.append(("prompt_group", "Idea", [(search.prompt_group, said)], search.prompt_group))
    return [_chip(*chip) for chip in chips if chip[2]]


def _people(team: Team) -> list[tuple[str, str]]:
    return [(str(person.pk), person.display_name) for person in team.members.order_by("name", "email")]


def _options(role: str) -> list[tuple[str, str]]:
    """Return the options of every model, each short name once."""
    parameters = [parameter for model in schema.load().values() if (parameter := model.by_role(role))]
    options = {option.name: option for parameter in parameters for option in parameter.options}
    return [
        (name, f"{one.label}{f' {one.width} × {one.height}' if one.width else ''}") for name, one in options.items()
    ]


def _iso(day: Any) -> str:
    return day.isoformat() if day else ""

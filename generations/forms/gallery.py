"""A query string becomes a search, and a search becomes a query string again."""

import uuid
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from generations import schema
from generations.models import Collection, State, Team, User, parse_uuid, uuid7_time
from generations.queries.gallery.gallery import PERIODS, GallerySearch
from generations.queries.site.keyset import Cursor
from generations.services.gallery.tags import MAX_TAG_LENGTH

LAYOUTS = ("rows", "grid", "list")
MAX_WORDS_LENGTH = 200
MAX_PROMPT_GROUP_LENGTH = 80
ANY_TIME = "any"
LAST_YEAR = 9000  # an id's 48 bits of milliseconds reach beyond the years Python can name
FIRST_DAY, LAST_DAY = date(1971, 1, 1), date(9000, 1, 1)
LISTED_STATES = {
    State.DONE: "Finished", State.QUEUED: "Waiting", State.RUNNING: "Drawing", State.FAILED: "Failed",
    State.UNKNOWN: "In doubt",
}  # fmt: skip


def search_from(query: Mapping[str, str], viewer: User, team: Team) -> GallerySearch:
    """What cannot be read is left out: an old or mistyped address shows more, not an error."""
    # One form may hold days and a period: what was chosen last is the period.
    period = query.get("when", "")
    by_days = period not in {*PERIODS, ANY_TIME}
    return GallerySearch(
        q=query.get("q", "").replace("\0", "").strip()[:MAX_WORDS_LENGTH],
        person=_person(query.get("person", ""), viewer, team),
        size=_option("size", query.get("size", "")),
        speed=_option("speed", query.get("speed", "")),
        state=query["state"] if query.get("state") in LISTED_STATES else "",
        favourite=query.get("favourite", "") in {"1", "on", "true"},
        collection=_collection(query.get("collection", ""), team),
        tag=_tag(query.get("tag", "")),
        family=query.get("family", "").replace("\0", "").strip()[:MAX_PROMPT_GROUP_LENGTH],
        first_day=_day(query.get("from", "")) if by_days else None,
        last_day=_day(query.get("to", "")) if by_days else None,
        period=period if period in PERIODS else "",
    )


def words_of(search: GallerySearch) -> dict[str, str]:
    """What the address of this search says, by name; `search_from` reads it again."""
    pairs = {
        "q": search.q,
        "person": search.person,
        "size": search.size,
        "speed": search.speed,
        "state": search.state,
        "favourite": "1" if search.favourite else "",
        "collection": search.collection,
        "tag": search.tag,
        "family": search.family,
        "from": search.first_day,
        "to": search.last_day,
        "when": search.period,
    }
    return {name: str(value) for name, value in pairs.items() if value}


def query_of(search: GallerySearch, **more: object) -> str:
    """The query string with its question mark, empty when there is nothing to say."""
    text = urlencode(words_of(search) | {name: value for name, value in more.items() if value})
    return f"?{text}" if text else ""


def carried_from(query: Mapping[str, str]) -> dict[str, str]:
    """What an address says beside the search: layout and model, each only when it is not the usual one."""
    layout, model = query.get("layout", ""), query.get("model", "")
    kept = {
        "layout": layout if layout in LAYOUTS[1:] else "",
        "model": model if model in schema.load() and model != schema.DEFAULT else "",
    }
    return {name: value for name, value in kept.items() if value}


def cursor_from(query: Mapping[str, str]) -> Cursor:
    """Where in the list a page begins or ends."""
    return Cursor(before=_id(query.get("before", "")), after=_id(query.get("after", "")))


def carried(query: Mapping[str, str], viewer: User, team: Team) -> str:
    """The query string that leads from page to page of a gallery: search, layout and model, but no cursor."""
    return query_of(search_from(query, viewer, team), **carried_from(query))


def _person(text: str, viewer: User, team: Team) -> int | None:
    """An e-mail finds members only: an address must not tell who has an account elsewhere on this site."""
    if text == "me":
        return viewer.pk
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text) or None
    return team.members.filter(email=text.lower()).values_list("pk", flat=True).first() if "@" in text else None


def _id(text: str) -> uuid.UUID | None:
    """An id whose time is one: the page's first day is read from it."""
    id_ = parse_uuid(text)
    try:
        return id_ if id_ and uuid7_time(id_).year < LAST_YEAR else None
    except OverflowError:
        return None


def _option(role: str, text: str) -> str:
    """The short name of an option of any model."""
    parameters = (model.by_role(role) for model in schema.load().values())
    options = (parameter.option(text) for parameter in parameters if parameter and text)
    return next((option.name for option in options if option), "")


def _collection(text: str, team: Team) -> uuid.UUID | None:
    id_ = parse_uuid(text)
    return id_ if id_ and Collection.objects.filter(team=team, id=id_).exists() else None


def _tag(text: str) -> str:
    return " ".join(text.replace("\0", "").split()).lower()[:MAX_TAG_LENGTH]


def _day(text: str) -> date | None:
    """A day that an id can hold, and that has a day after it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None

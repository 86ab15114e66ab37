"""Conversion of query strings to searches of the gallery, and back."""

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
COLLAPSED = "collapsed"
MAX_WORDS_LENGTH = 200
MAX_PROMPT_GROUP_LENGTH = 80
ANY_TIME = "any"
LAST_YEAR = 9000  # the 48 bits of milliseconds in an id go beyond the years of a datetime
FIRST_DAY, LAST_DAY = date(1971, 1, 1), date(9000, 1, 1)
LISTED_STATES = (State.DONE, State.QUEUED, State.RUNNING, State.FAILED, State.UNKNOWN)


def search_from(query: Mapping[str, str], viewer: User, team: Team) -> GallerySearch:
    """Parse the query; unreadable filters are ignored, so that an old or mistyped address shows more, not an error."""
    # A form may send both days and a period; the period wins, because it was chosen last.
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
        prompt_group=query.get("prompt_group", "").replace("\0", "").strip()[:MAX_PROMPT_GROUP_LENGTH],
        first_day=_day(query.get("from", "")) if by_days else None,
        last_day=_day(query.get("to", "")) if by_days else None,
        period=period if period in PERIODS else "",
    )


def words_of(search: GallerySearch) -> dict[str, str]:
    """Return the search as query parameters, which `search_from` parses."""
    pairs = {
        "q": search.q,
        "person": search.person,
        "size": search.size,
        "speed": search.speed,
        "state": search.state,
        "favourite": "1" if search.favourite else "",
        "collection": search.collection,
        "tag": search.tag,
        "prompt_group": search.prompt_group,
        "from": search.first_day,
        "to": search.last_day,
        "when": search.period,
    }
    return {name: str(value) for name, value in pairs.items() if value}


def query_of(search: GallerySearch, **more: object) -> str:
    """Return the query string with its question mark, empty without parameters."""
    text = urlencode(words_of(search) | {name: value for name, value in more.items() if value})
    return f"?{text}" if text else ""


def carried_from(query: Mapping[str, str]) -> dict[str, str]:
    """Return layout, batches and model of the address, each only when it is not the default."""
    layout, batches, model = (query.get(name, "") for name in ("layout", "batches", "model"))
    kept = {
        "layout": layout if layout in LAYOUTS[1:] else "",
        "batches": batches if batches == COLLAPSED else "",
        "model": model if model in schema.load() and model != schema.DEFAULT else "",
    }
    return {name: value for name, value in kept.items() if value}


def is_collapsed(query: Mapping[str, str], search: GallerySearch) -> bool:
    """Return whether the address shows each batch as one card, which only the gallery without filters does."""
    return not search.active and query.get("batches") == COLLAPSED


def cursor_from(query: Mapping[str, str]) -> Cursor:
    """Return where the page of the list begins or ends."""
    return Cursor(before=_id(query.get("before", "")), after=_id(query.get("after", "")))


def carried(query: Mapping[str, str], viewer: User, team: Team) -> str:
    """Return the query string that links of the gallery keep: search, layout and model, but no cursor."""
    return query_of(search_from(query, viewer, team), **carried_from(query))


def _person(text: str, viewer: User, team: Team) -> int | None:
    """Return the id; an email address finds members only, because it must not reveal accounts of other teams."""
    if text == "me":
        return viewer.pk
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text) or None
    return team.members.filter(email=text.lower()).values_list("pk", flat=True).first() if "@" in text else None


def _id(text: str) -> uuid.UUID | None:
    """Return the id when it contains a valid time, because the first day of the page is read from it."""
    id_ = parse_uuid(text)
    try:
        return id_ if id_ and uuid7_time(id_).year < LAST_YEAR else None
    except OverflowError:
        return None


def _option(role: str, text: str) -> str:
    """Return the short name of an option of any model."""
    parameters = (model.by_role(role) for model in schema.load().values())
    options = (parameter.option(text) for parameter in parameters if parameter and text)
    return next((option.name for option in options if option), "")


def _collection(text: str, team: Team) -> uuid.UUID | None:
    id_ = parse_uuid(text)
    return id_ if id_ and Collection.objects.filter(team=team, id=id_).exists() else None


def _tag(text: str) -> str:
    return " ".join(text.replace("\0", "").split()).lower()[:MAX_TAG_LENGTH]


def _day(text: str) -> date | None:
    """Return a day that an id can represent and that has a next day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None

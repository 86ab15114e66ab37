"""A request to the address of a row as one of the users, and its outcome; everything it wrote is rolled back."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.authorisation.database import Writes, taken_back
from tests.authorisation.policies import LOGIN
from tests.authorisation.row import Row
from tests.authorisation.world import World

HTMX = {"HX-Request": "true"}
SIGN_IN = ("/login/", "/admin/login/")


@dataclass(frozen=True)
class Answer:
    """The outcome; `body` is all that the user can read: headers, text, and names and files of an archive."""

    status: Any
    body: str
    changed: frozenset[str]


def routes() -> set[str]:
    """Return the names of all routes; for a route without a name, its pattern."""
    return {name for name, _ in callbacks()}


def callbacks() -> Iterator[tuple[str, Any]]:
    yield from _names(get_resolver(), "", "")


def _names(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[tuple[str, Any]]:
    for one in resolver.url_patterns:
        path = f"{prefix}{one.pattern}"
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}" if one.name else path, one.callback
        else:
            yield from _names(one, f"{namespace}{one.namespace}:" if one.namespace else namespace, path)


def address(row: Row, world: World) -> str:
    words = [world.things.get(word, word) for word in row.args.split()]
    if "/" in row.name:  # a pattern without a name
        path = "/" + row.name.replace("(?P<url>.*)$", str(*words)).replace("<path:object_id>", str(*words))
    elif row.name == "admin:app_list":
        path = reverse(row.name, kwargs={"app_label": words[0]})
    else:
        path = reverse(row.name, args=words)
    return f"{path}?{_filled(row.query, world)}" if row.query else path


def fields(row: Row, world: World) -> dict[str, Any]:
    def value(said: Any) -> Any:
        return [value(one) for one in said] if isinstance(said, list) else _filled(said, world)

    return {name: value(said) for name, said in row.fields.items()}


def _filled(text: str, world: World) -> str:
    """Replace names of things, the longest first because `@private_sha256` begins with `@private`."""
    for name in sorted(world.things, key=len, reverse=True):
        text = text.replace(f"@{name}", str(world.things[name]))
    return text


def ask(row: Row, who: str, world: World, *, method: str = "", compare: Any = None, **options: Any) -> Answer:
    """Send the request; `compare` is an earlier dump of the database, without which no changes are reported."""
    method = method or row.method
    checks = options.pop("enforce_csrf_checks", False)
    client = world.client(who, raise_request_exception=False, enforce_csrf_checks=checks)
    data = fields(row, world) if method == "POST" else None
    send, writes = getattr(client, method.lower()), Writes()
    with taken_back():
        with connection.execute_wrapper(writes):
            response = send(address(row, world), **({"data": data} if data is not None else {}), **options)
            body = _read(response)
        changed = writes.changes(compare) if compare is not None else set()
    return Answer(_status(response), body, frozenset(changed))


def told_in(answer: Answer, row: Row, who: str, world: World) -> set[str]:
    """Return secrets in the answer that the user may not know, except those that the request itself contained."""
    asked = f"{address(row, world)} {fields(row, world)}"
    shown = {word for one in row.shows for word in world.secrets.get(one, {_filled(one, world)})}
    # The admin shows a superuser everything except what is for one user alone.
    admin = who == "superuser" and row.name.startswith("admin")
    hidden = world.of_others(who) if admin else world.may_never_read(who)
    return {word for word in hidden - shown if word in answer.body and word not in asked}


def _status(response: Any) -> Any:
    to = response.headers.get("Location", "").split("?")[0]
    return LOGIN if response.status_code == 302 and to in SIGN_IN else response.status_code


def _read(response: Any) -> str:
    content = response.getvalue()
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    cookies = response.cookies.output()
    if content and response.headers.get("Content-Type") == "application/zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            content = "\n".join(names).encode() + b"".join(archive.read(name) for name in names)
    return f"{headers}\n{cookies}\n{content.decode('utf-8', 'replace')}"

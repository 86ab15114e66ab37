"""A superuser who opens every page. Imported after django.setup()."""

from collections.abc import Iterator
from itertools import islice, product
from typing import Any

import requests
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from generations.models import Generation, User
from tests.secret_scan.place import Place
from tests.secret_scan.things import Things

MAX_ROWS = 12
# Every status of a refusal; a tour that meets fewer has not seen all pages.
WANTED = {200, 302, 400, 403, 404, 405, 422, 500}


class Visitor:
    """A browser; `pages` gets every answer, redirects included, `seen` the statuses."""

    def __init__(self, address: str, pages: Place) -> None:
        self.address = address.rstrip("/")
        self.pages = pages
        self.seen: set[int] = set()
        self.session = requests.Session()
        # The server closes the connection on a form that is too large, so it cannot be reused.
        self.session.headers["Connection"] = "close"
        self.session.hooks["response"].append(self._note)

    def sign_in(self, email: str, password: str) -> None:
        self.get("/login/")
        self.post("/login/", username=email, password=password).raise_for_status()

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.address + path, timeout=30, **options)

    def post(self, path: str, **form: str) -> requests.Response:
        token = self.session.cookies.get("csrftoken", "")
        return self.session.post(self.address + path, data={**form, "csrfmiddlewaretoken": token}, timeout=30)

    def open_everything(self, things: Things) -> list[str]:
        """Open every route; return the names of those for which no address could be built."""
        left_out = []
        for name, pattern in named(get_resolver()):
            addresses = list(addresses_of(name, pattern, things))
            for address in addresses:
                # A sign-out would end the tour, but a GET does not sign out.
                self.get(address)
                self.get(address, headers={"HX-Request": "true"})
            if not addresses:
                left_out.append(name)
        return left_out

    def be_refused(self, team: str, spoilt: Generation) -> None:
        """Provoke each error page; for the 500 a row is temporarily invalid in a way that the site never writes."""
        self.get("/login/", headers={"Host": "elsewhere.test"})
        self.get("/no/such/page")
        self.session.post(f"{self.address}/t/{team}/generations/", data={"prompt": "without a token"}, timeout=30)
        self.post(f"/t/{team}/generations/", prompt="x" * 1_100_000)
        self.post(f"/t/{team}/generations/", prompt=" ", count="99")
        self.get("/provider/pause")
        Generation.objects.filter(id=spoilt.id).update(parameters=7)
        self.get(f"/g/{spoilt.id}/")
        Generation.objects.filter(id=spoilt.id).update(parameters=spoilt.parameters)

    def _note(self, answer: requests.Response, **_: Any) -> None:
        self.seen.add(answer.status_code)
        said = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        what = f"{answer.request.method} {answer.request.path_url} ({answer.status_code})"
        self.pages.look(what, said.encode("latin-1", "replace"), answer.content)


def named(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            yield space + pattern.name, pattern


def addresses_of(name: str, pattern: URLPattern, things: Things) -> Iterator[str]:
    """Yield the address of the route for every suitable row."""
    words = list(pattern.pattern.regex.groupindex)
    for values in _values(words, pattern, things):
        try:
            yield reverse(name, kwargs=dict(zip(words, values, strict=True)))
        except NoReverseMatch:
            continue


def _values(words: list[str], pattern: URLPattern, things: Things) -> Iterator[tuple[object, ...]]:
    if words in (["object_id"], ["id"]):
        yield from _rows(pattern).values_list("pk")[:MAX_ROWS]
    elif words == ["app_label"]:
        yield from [("auth",), ("generations",)]
    elif words == ["content_type_id", "object_id"]:
        yield from ((kind, 1) for kind in ContentType.objects.values_list("id", flat=True))
    else:
        # A token of another kind is as good an address, of a page that refuses it.
        yield from islice(product(*(things.get(word, ()) for word in words)), MAX_ROWS)


def _rows(pattern: URLPattern) -> QuerySet[Any]:
    """Return rows of the admin's model; the one view without a model is about the password of a user."""
    admin = getattr(pattern.callback, "model_admin", None)
    rows: QuerySet[Any] = (admin.model if admin else User)._default_manager.all()
    return rows

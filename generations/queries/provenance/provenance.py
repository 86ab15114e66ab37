"""What copies of a picture say about it, and which picture a file belongs to."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q

from generations import schema
from generations.imaging import Mark
from generations.models import Generation, ShareLink, User

# The same bytes may belong to several pictures: one order repeated with its seed.
MAX_MATCHES = 12


def download_mark(row: Generation) -> Mark:
    """Of a copy that a member takes out of the team. The row comes with its team."""
    return mark_of(row, tells_words=row.team.prompt_in_downloads)


def shared_mark(row: Generation) -> Mark:
    """Of a copy that whoever has a share link takes. The row comes with its team."""
    return mark_of(row, tells_words=row.team.prompt_in_shared_copies)


def link_mark(row: Generation, link: ShareLink) -> Mark:
    """Of a copy that leaves by this link: it tells the words where both the team and the link do."""
    return shared_mark(row) if link.show_prompt else mark_of(row, tells_words=False)


def mark_of(row: Generation, *, tells_words: bool) -> Mark:
    """Who made it is never in it: a name in a file that travels cannot be taken back."""
    model = schema.load().get(row.model)
    always = Mark(model.title if model else row.model, row.model, row.created_at)
    if not tells_words:
        return always
    # A model whose schema is gone keeps its parameters under their own names.
    named = {role: parameter.name for role in ("prompt", "seed") if model and (parameter := model.by_role(role))}
    told = {name: value for name, value in row.parameters.items() if name not in named.values()}
    if row.seed is not None:
        told[named.get("seed", "seed")] = row.seed
    return replace(always, prompt=row.prompt, parameters=told)


def generations_matching(user: User, sha256: Iterable[str]) -> list[Generation]:
    """The newest pictures with one of these originals, or made of one, that `user` may see; no word about others."""
    asked = list(sha256)
    # Two questions, each by its index: with an OR between the two columns PostgreSQL would read all pictures.
    either = [Q(image__sha256__in=asked), Q(image__received_sha256__in=asked)]
    found = {row.id: row for one in either for row in _newest(user, one)}
    return sorted(found.values(), key=lambda row: row.id, reverse=True)[:MAX_MATCHES]


def _newest(user: User, which: Q) -> Iterable[Generation]:
    rows = Generation.objects.visible_to(user).filter(which).select_related("team", "author", "image")
    return rows.order_by("-id")[:MAX_MATCHES]

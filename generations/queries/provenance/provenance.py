"""Provenance details in copies of a picture, and the pictures that a file was copied from."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q

from generations import schema
from generations.imaging import Mark
from generations.models import Generation, ShareLink, User

# Several pictures may have the same bytes, because a request can be repeated with its seed.
MAX_MATCHES = 12


def download_mark(row: Generation) -> Mark:
    """Return the mark for a member's download; the row has its team loaded."""
    return mark_of(row, tells_words=row.team.prompt_in_downloads)


def shared_mark(row: Generation) -> Mark:
    """Return the mark for a download by a share link that shows prompts; the row has its team loaded."""
    return mark_of(row, tells_words=row.team.prompt_in_shared_copies)


def link_mark(row: Generation, link: ShareLink) -> Mark:
    """Return the mark for a download by this link; prompt and parameters need the permission of both team and link."""
    return shared_mark(row) if link.show_prompt else mark_of(row, tells_words=False)


def mark_of(row: Generation, *, tells_words: bool) -> Mark:
    """Return the mark, with prompt and parameters if `tells_words`.

    It never names the author, because a name cannot be taken back from a file that others have.
    """
    model = schema.load().get(row.model)
    always = Mark(model.title if model else row.model, row.model, row.created_at)
    if not tells_words:
        return always
    # Without the model's schema, parameters keep their own names.
    named = {role: parameter.name for role in ("prompt", "seed") if model and (parameter := model.by_role(role))}
    told = {name: value for name, value in row.parameters.items() if name not in named.values()}
    if row.seed is not None:
        told[named.get("seed", "seed")] = row.seed
    return replace(always, prompt=row.prompt, parameters=told)


def generations_matching(user: User, sha256: Iterable[str]) -> list[Generation]:
    """Return the newest pictures with one of these SHA-256 hashes, original or received, that the user can see.

    At most MAX_MATCHES; pictures that the user cannot see leave no trace in the result.
    """
    asked = list(sha256)
    # Two queries, one for each index: with an OR between the two columns PostgreSQL reads all pictures.
    either = [Q(image__sha256__in=asked), Q(image__received_sha256__in=asked)]
    found = {row.id: row for one in either for row in _newest(user, one)}
    return sorted(found.values(), key=lambda row: row.id, reverse=True)[:MAX_MATCHES]


def _newest(user: User, which: Q) -> Iterable[Generation]:
    rows = Generation.objects.visible_to(user).filter(which).select_related("team", "author", "image")
    return rows.order_by("-id")[:MAX_MATCHES]

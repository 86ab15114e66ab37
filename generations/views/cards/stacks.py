"""Cards as their page shows them: with their day where no label says it, with a number where they stand for a batch."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _

from generations.models import Generation, State, Team, User, uuid7_time
from generations.queries.gallery.collapsed import batch_sizes
from generations.queries.gallery.gallery import GallerySearch
from generations.views.cards.cards import Card
from generations.views.site.formatting import day_and_clock, number


def fitted(
    cards: list[Card], rows: Sequence[Generation], team: Team, viewer: User, *, search: GallerySearch, collapsed: bool
) -> list[Card]:
    """Return the cards as a page with this search, or with collapsed batches, shows them."""
    if search.active:
        return dated(cards)
    return stacked(cards, rows, team, viewer) if collapsed else cards


def dated(cards: list[Card]) -> list[Card]:
    """Return the cards with day and time."""
    return [replace(card, time=day_and_clock(uuid7_time(uuid.UUID(card.id))).plain) for card in cards]


def stacked(cards: list[Card], rows: Sequence[Generation], team: Team, viewer: User) -> list[Card]:
    """Give each finished card the number of finished pictures of its batch and the way to them, in one query."""
    sizes = batch_sizes(viewer, {row.batch for row in rows if row.state == State.DONE})
    title = _("%(count)s pictures of one batch")
    return [
        replace(
            card,
            stack=number(count),
            stack_label=title % {"count": number(count)},
            stack_url=reverse("batch", args=[team.slug, row.batch]),
        )
        if row.state == State.DONE and (count := sizes.get(row.batch, 1)) > 1
        else card
        for card, row in zip(cards, rows, strict=True)
    ]

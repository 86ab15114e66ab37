"""Cards that stand for a whole batch."""

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _

from generations.models import Generation, State, Team, User
from generations.queries.gallery.collapsed import batch_sizes
from generations.views.cards.cards import Card
from generations.views.site.formatting import number


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

"""The lineage of a picture, prepared for the template."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.imaging import WIDTHS
from generations.models import Generation, User, name_in
from generations.queries.generations.lineage import lineage
from generations.queries.site.counts import COUNT_LIMIT
from generations.views.site.formatting import day_and_clock, number, shortened


@dataclass(frozen=True)
class Relative:
    url: str
    src: str
    prompt: str
    by: str
    made: str


@dataclass(frozen=True)
class LineageView:
    """Empty texts and lists are not shown."""

    source: Relative | None
    remixes: list[Relative]
    count_text: str


NO_LINEAGE = LineageView(None, [], "")


def lineage_view(row: Generation, user: User) -> LineageView:
    found = lineage(row, user)
    return LineageView(
        source=_relative(found.source) if found.source else None,
        remixes=[_relative(one) for one in found.remixes],
        count_text=_count(found.count) if found.count else "",
    )


def _relative(row: Generation) -> Relative:
    return Relative(
        url=f"/g/{row.id}/",
        src=f"/g/{row.id}/thumb/{WIDTHS[0]}.webp",
        prompt=shortened(row.prompt, 60),
        by=name_in(row, "author"),
        made=day_and_clock(row.created_at),
    )


def _count(count: int) -> str:
    if count > COUNT_LIMIT:
        return _("Remixed into more than %(count)s pictures") % {"count": number(COUNT_LIMIT)}
    text = ngettext("Remixed into %(count)s picture", "Remixed into %(count)s pictures", count)
    return text % {"count": number(count)}

"""Prompts that the user has used before: a page, and the list that the composer shows."""

import json
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations import schema
from generations.forms.composer import ratio_class, ratio_of
from generations.imaging import WIDTHS
from generations.models import Generation, Team
from generations.queries.gallery.gallery import day_of
from generations.queries.gallery.prompt_history import PastPrompt, past_prompts
from generations.views.gallery.composer import reused_values
from generations.views.site.formatting import day_name, pictures, shortened
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, is_htmx


@dataclass(frozen=True)
class PromptRow:
    """A prompt as it is listed; `values` are those of the form as JSON, for the script that fills it."""

    text: str
    facts: str
    url: str
    src: str
    shape: str
    model: str
    values: str


@dataclass(frozen=True)
class PromptHistoryPage:
    prompts: list[PromptRow]
    q: str


@require_safe
def prompt_history(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team)
    words = request.GET.get("q", "")
    page = PromptHistoryPage([_row(one, found) for one in past_prompts(found, user, words)], words)
    template = "gallery/composer/_prompts.html" if is_htmx(request) else "gallery/prompt_history.html"
    response = render_page(request, template, page)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _row(past: PastPrompt, team: Team) -> PromptRow:
    row, done = past.newest, past.finished
    model = schema.load().get(row.model)
    return PromptRow(
        text=shortened(row.prompt, 200),
        facts=" · ".join(filter(None, (day_name(day_of(row.id)), _ratio(row, model), _many(past.count)))),
        url=f"{reverse('gallery', args=[team.slug])}?remix={row.id}",
        src=f"/g/{done.id}/thumb/{WIDTHS[0]}.webp" if done else "",
        shape=ratio_class(row.width, row.height),
        model=row.model,
        values=json.dumps(reused_values(row, "remix", model)) if model else "",
    )


def _ratio(row: Generation, model: schema.ParameterSchema | None) -> str:
    size = model.by_role("size") if model else None
    option = size.option(row.size) if size else None
    return ratio_of(_(option.label)) if option else ""


def _many(count: int) -> str:
    return pictures(count) if count > 1 else ""

"""The words and phrases that a team does not allow in prompts; for managers and owners."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from generations.errors import GalleryError, NotAllowed
from generations.forms.blocked_words import BlockedWordsForm
from generations.permissions import Verb
from generations.services.orders.blocked_words import MAX_WORD_LENGTH, MAX_WORDS, list_of, set_blocked_words
from generations.views.site.formatting import number
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team


@dataclass(frozen=True)
class BlockedWordsPage:
    words: str
    error: str
    max_words: int = MAX_WORDS
    max_length: int = MAX_WORD_LENGTH


@require_http_methods(["GET", "HEAD", "POST"])
def blocked_words(request: HttpRequest, team: str) -> HttpResponse:
    """Show the list on GET, replace it on POST; a refused list is shown again as it was typed."""
    user, found = enter_team(request, team, Verb.MODERATE)
    if request.method != "POST":
        return _page(request, "\n".join(list_of(found)))
    form = BlockedWordsForm(request.POST)
    try:
        if not form.is_valid():
            raise GalleryError(" ".join(map(str, form.errors["words"])))
        saved = set_blocked_words(actor=user, team=found, words=form.cleaned_data["words"])
    except NotAllowed:
        raise
    except GalleryError as error:
        return _page(request, request.POST.get("words", ""), error.message)
    text = ngettext(
        "Saved. %(count)s word or phrase is blocked.", "Saved. %(count)s words and phrases are blocked.", len(saved)
    )
    messages.success(request, text % {"count": number(len(saved))} if saved else _("Saved. No words are blocked."))
    return redirect(request.path)


def _page(request: HttpRequest, words: str, error: str = "") -> HttpResponse:
    page = BlockedWordsPage(words, error)
    return render_page(request, "teams/blocked_words.html", page, status=422 if error else 200)

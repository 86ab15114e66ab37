"""Words of a card, translated once a page, which is cheaper than once a card."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from generations.models import Generation, Team, Visibility


def page_words(rows: Sequence[Generation]) -> dict[str, str]:
    """Return the labels that most cards have, and the addresses that a remix and another try begin with.

    `team` is empty where pictures are the team's by default, because cards say only what is unusual.
    """
    team: Team | None = rows[0].team if rows else None
    unusual = team is not None and team.default_visibility != Visibility.TEAM
    gallery = reverse("gallery", args=[team.slug]) if team else ""
    return {
        "alt": _("AI-generated image: %(prompt)s"),
        "select": _("Select"),
        "select_prompt": _("Select: %(prompt)s"),
        "private": _("Private"),
        "team": _("Team") if unusual else "",
        "link": _("Anyone with the link"),
        "shared": _("Shared"),
        "favourite": pgettext("verb", "Favourite"),
        "download": _("Download"),
        "remix": pgettext("verb", "Remix"),
        "remix_url": f"{gallery}?remix=",
        "use_url": f"{gallery}?use=",
        "more": _("More actions"),
    }

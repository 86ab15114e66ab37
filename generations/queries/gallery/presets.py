"""Presets that the composer offers."""

from django.db.models import Q, QuerySet

from generations.folding import fold
from generations.models import Preset, Team, User

# Per user, and of shared presets per team.
MAX_PRESETS = 50


def presets(team: Team, viewer: User) -> "QuerySet[Preset]":
    """Return the user's own and the shared presets of the team."""
    rows = Preset.objects.filter(Q(author=viewer) | Q(shared=True), team=team)
    return rows.select_related("author", "team")


def presets_by_name(team: Team, viewer: User) -> list[Preset]:
    """Return the user's own and the shared presets: the team's default first, then by name."""
    return sorted(presets(team, viewer), key=lambda one: (not one.is_default, fold(one.name), one.pk))

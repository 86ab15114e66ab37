"""Presets of the composer: save, rename, share with the team, make the team's default, delete."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from generations.errors import GalleryError
from generations.folding import JOINERS, fold
from generations.models import AuditAction, Preset, Team, User
from generations.permissions import Verb, allows, role_of
from generations.queries.gallery.presets import MAX_PRESETS
from generations.services.site import audit, rate_limits

MAX_NAME_LENGTH = 60


@transaction.atomic
def save(*, actor: User, team: Team, name: str, model: str, values: Mapping[str, str]) -> Preset:
    """Save the values under a name; the user's own preset of that name is replaced.

    Raises GalleryError when the name is empty or too long, when the user has MAX_PRESETS, or when the preset that would
    be replaced is the team's default and the user may not set that; and TooManyRequests.
    """
    name = clean_name(name)
    own = Preset.objects.filter(team=team, author=actor)
    fills_everybodys = own.filter(name=name, is_default=True).exists()
    if fills_everybodys and not allows(role_of(actor, team), Verb.EDIT_ANY):
        text = _("“%(name)s” is the team's default, which only managers change. Choose another name.")
        raise GalleryError(text % {"name": name})
    if own.exclude(name=name).count() >= MAX_PRESETS:
        text = _("You already have %(maximum)s presets (the maximum). Delete one first.")
        raise GalleryError(text % {"maximum": MAX_PRESETS})
    rate_limits.acquire("preset", user=actor)
    chosen = {"model": model, "values": dict(values)}
    preset, _made = Preset.objects.update_or_create(team=team, author=actor, name=name, defaults=chosen)
    if fills_everybodys:
        _record(actor, preset)
    return preset


@transaction.atomic
def change(*, actor: User, preset: Preset, name: str, shared: bool) -> None:
    """Set the name, and whether the team shares the preset; one that is not shared is no default.

    Raises GalleryError when the name is empty, too long or taken, or when the team shares MAX_PRESETS.
    """
    name = clean_name(name)
    same = Preset.objects.filter(team=preset.team_id, author=preset.author_id, name=name)
    if same.exclude(pk=preset.pk).exists():
        raise GalleryError(_("There is already a preset “%(name)s”. Choose another name.") % {"name": name})
    if shared:
        _require_room(preset)
    was_default = preset.is_default
    preset.name, preset.shared = name, shared
    preset.is_default = was_default and shared
    preset.save(update_fields=["name", "shared", "is_default"])
    if was_default and not shared:
        _record(actor, preset)


@transaction.atomic
def set_default(*, actor: User, preset: Preset, default: bool) -> None:
    """Make the preset the team's default, which shares it and replaces the earlier one, or make it an ordinary one.

    Raises GalleryError when the team shares MAX_PRESETS already.
    """
    # Locked, because of two managers who choose at the same time the later one is to win.
    Team.objects.select_for_update(no_key=True).only("pk").get(pk=preset.team_id)
    if default:
        _require_room(preset)
        Preset.objects.filter(team=preset.team_id, is_default=True).update(is_default=False)
    preset.is_default, preset.shared = default, preset.shared or default
    preset.save(update_fields=["shared", "is_default"])
    _record(actor, preset)


def _require_room(preset: Preset) -> None:
    """Raise GalleryError when the preset is not shared yet and the team shares MAX_PRESETS."""
    if not preset.shared and Preset.objects.filter(team=preset.team_id, shared=True).count() >= MAX_PRESETS:
        text = _("The team already shares %(maximum)s presets (the maximum). Stop sharing one first.")
        raise GalleryError(text % {"maximum": MAX_PRESETS})


@transaction.atomic
def delete(*, actor: User, preset: Preset) -> None:
    """Delete a preset."""
    if preset.is_default:
        preset.is_default = False
        _record(actor, preset)
    preset.delete()


def _record(actor: User, preset: Preset) -> None:
    """Write to the audit log what became of the team's default."""
    detail = "default" if preset.is_default else ""
    audit.record_event(AuditAction.SET_UP_TEAM, actor=actor, subject=preset, team=preset.team, detail=detail)


def clean_name(text: str) -> str:
    """Return the name in printable characters. Raises GalleryError when it is empty or too long."""
    name = " ".join("".join(one if one.isprintable() or one in JOINERS else " " for one in text).split())
    if not fold(name):
        raise GalleryError(_("Enter a name for the preset."))
    if len(name) > MAX_NAME_LENGTH:
        text = _("The name has %(count)s characters; the maximum is %(maximum)s. Shorten it.")
        raise GalleryError(text % {"count": len(name), "maximum": MAX_NAME_LENGTH})
    return name

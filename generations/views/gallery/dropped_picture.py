"""A picture that was dropped on the composer: its values, if it is one that the user can see."""

from dataclasses import dataclass

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from generations import schema
from generations.conf import conf
from generations.forms.verify import VerifyForm
from generations.models import Generation, User, parse_uuid
from generations.permissions import Verb
from generations.queries.gallery.gallery import find_to_reuse
from generations.queries.provenance.provenance import generations_matching
from generations.services.site import rate_limits
from generations.views.gallery.composer import reused_values
from generations.views.site.formatting import number
from generations.views.site.requests import enter_team, require_post


@dataclass(frozen=True)
class Dropped:
    """The picture, or a sentence about why there is none."""

    row: Generation | None
    sentence: str = ""


@require_post
def dropped_picture(request: HttpRequest, team: str) -> JsonResponse:
    """Return the values of the picture that the file is a copy of, or that the field `generation` names.

    The file is compared by its SHA-256 and by those in its marks, and not kept.
    """
    user, found = enter_team(request, team, Verb.CREATE)
    dropped = _dropped(request, user)
    model = schema.load().get(dropped.row.model) if dropped.row else None
    if dropped.row is None or model is None:
        gone = _("This picture's model is no longer available.")
        return JsonResponse({"sentence": gone if dropped.row else dropped.sentence}, status=422)
    return JsonResponse(
        {
            "values": reused_values(dropped.row, "use", model),
            "model": dropped.row.model,
            "url": f"{reverse('gallery', args=[found.slug])}?use={dropped.row.id}",
            "sentence": _("Filled in from the picture, including its seed."),
        }
    )


def _dropped(request: HttpRequest, user: User) -> Dropped:
    named = request.POST.get("generation", "")
    if named and not request.FILES:
        row = find_to_reuse(user, parse_uuid(named))
        return Dropped(row, _("This isn't a picture you can access."))
    length, most = request.META.get("CONTENT_LENGTH") or "0", conf().largest_upload
    if length.isdigit() and int(length) > most:
        text = _("This file is too large. Drop one of at most %(size)s MB.")
        return Dropped(None, text % {"size": number(most // 1_048_576)})
    # Counted before the file is inspected, because inspecting it is the expensive part.
    rate_limits.acquire("upload", user=user)
    form = VerifyForm({}, request.FILES)
    if not form.is_valid():
        return Dropped(None, " ".join(str(one) for errors in form.errors.values() for one in errors))
    matches = generations_matching(user, [form.traces.sha256, *form.traces.before])
    return Dropped(
        next((row for row in matches if row.purged_at is None), None),
        _("This file isn't a picture from this site that you can access. Nothing was filled in."),
    )

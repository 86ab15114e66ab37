"""What a card says of a picture that failed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.models import Generation
from generations.providers.verdicts import NOT_ALLOWED, WRONG_PROMPT, WRONG_SETTINGS
from generations.services.site.site_language import site_language
from generations.views.site.formatting import dollars

# A stored sentence, what it means in two words, and what helps.
REJECTIONS = (
    (WRONG_PROMPT, gettext_lazy("Content policy"), gettext_lazy("Edit prompt")),
    (NOT_ALLOWED, gettext_lazy("Settings not allowed"), gettext_lazy("Edit settings")),
    (WRONG_SETTINGS, gettext_lazy("Settings not allowed"), gettext_lazy("Edit settings")),
)


def failure(row: Generation) -> tuple[str, str]:
    """Return headline and note of a failed picture."""
    cause, _way_out = _rejection(row)
    if not cause:
        return _("Failed"), charged(row)
    if row.cost is None:
        return _("Rejected by the provider"), _("%(cause)s · not charged") % {"cause": cause}
    return _("Rejected by the provider"), f"{cause} · {charged(row)}"


def edit_label(row: Generation) -> str:
    """Return what the user can change about a rejected request; empty when the provider did not reject it."""
    return _rejection(row)[1]


def charged(row: Generation) -> str:
    if row.cost is None:
        return _("Not charged")
    said = _("Estimated charge %(amount)s") if row.cost_estimated else _("Charged %(amount)s")
    return said % {"amount": dollars(row.cost, estimated=row.cost_estimated)}


def _rejection(row: Generation) -> tuple[str, str]:
    """Return cause and way out of a rejection, both empty if there was none; what is stored has the site's language."""
    with site_language():
        sentences = [str(sentence) for sentence, *_words in REJECTIONS]
    number = next((at for at, sentence in enumerate(sentences) if row.reason.startswith(sentence)), None)
    if number is None:
        return "", ""
    _sentence, cause, way_out = REJECTIONS[number]
    return str(cause), str(way_out)

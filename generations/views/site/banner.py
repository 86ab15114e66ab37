"""The banner that explains on every page why nothing is being generated."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from generations import health
from generations.models import PauseCause, User
from generations.queries.provider.pauses import MAX_COUNTED, Banner, banner
from generations.views.site.formatting import clock, day_and_clock, dollars, number

# By cause: why generation is paused, and when it resumes.
CAUSES = {
    PauseCause.BY_HAND: (_("Generation is paused by a site admin."), _("A site admin has to resume it.")),
    PauseCause.KEY: (
        _("Generation is paused: the provider doesn't accept this site's API key."),
        _("It resumes automatically once a site admin fixes it."),
    ),
    PauseCause.ACCOUNT: (
        _("Generation is paused: the provider doesn't let this site's account use the model."),
        _("It resumes automatically once a site admin fixes it."),
    ),
    PauseCause.CREDITS: (
        _("Generation is paused: the provider account doesn't have enough credits for a picture."),
        _("It resumes automatically after a top-up."),
    ),
    PauseCause.LIMIT: (
        _("Generation is paused: the spending limit set at the provider has been reached."),
        _("It resumes automatically once the limit is raised."),
    ),
    PauseCause.DISK: (
        _("Generation is paused: this site's disk is full, and we don't pay for pictures that we can't save."),
        _("It resumes automatically once there is free space."),
    ),
    PauseCause.UNUSABLE: (
        _("Generation is paused: the provider charged for recent requests but returned no pictures."),
        _("It resumes automatically as soon as the provider returns one."),
    ),
    PauseCause.FAILING: (
        _("Generation is paused: the provider keeps failing."),
        _("It resumes automatically as soon as the provider responds."),
    ),
}


@dataclass(frozen=True)
class StatusBanner:
    """The text of the banner: `lead` says why, `rest` what happens to waiting pictures."""

    lead: str
    rest: str

    @property
    def version(self) -> str:
        return f"{self.lead}{self.rest}"


def status_banner() -> StatusBanner | None:
    found = banner()
    return _in_words(found) if found else None


def notice_for(user: User) -> StatusBanner | None:
    """Return the banner; superusers also learn of a Redis that is away, which they can mend."""
    found = status_banner()
    if found is None and user.is_superuser and health.redis():
        return StatusBanner(
            gettext("Redis isn't responding, so new pictures start late."),
            gettext("Nothing is lost: pictures wait and start when Redis is back. Check the server in REDIS_URL."),
        )
    return found


def paused() -> bool:
    return banner() is not None


def _in_words(found: Banner) -> StatusBanner:
    parts = [_waiting(found.waiting), str(CAUSES[found.cause][1]), _next(found), _since(found)]
    return StatusBanner(_why(found), " ".join(part for part in parts if part))


def _why(found: Banner) -> str:
    if found.by_hand:
        return gettext("Generation is paused by a site admin: “%(reason)s”.") % {"reason": found.reason.rstrip(". ")}
    if found.cause == PauseCause.CREDITS and found.balance is not None and found.needed is not None:
        return gettext(
            "Generation is paused: the provider account has %(balance)s left, and a picture needs about %(needed)s."
        ) % {"balance": dollars(found.balance), "needed": dollars(found.needed)}
    return str(CAUSES[found.cause][0])


def _waiting(count: int) -> str:
    if count == 0:
        return gettext("New pictures are queued.")
    if count >= MAX_COUNTED:
        return gettext("More than %(count)s pictures are queued.") % {"count": number(MAX_COUNTED - 1)}
    return ngettext("%(count)s picture is queued.", "%(count)s pictures are queued.", count) % {"count": number(count)}


def _next(found: Banner) -> str:
    if found.cause not in {PauseCause.FAILING, PauseCause.UNUSABLE} or found.next_probe is None:
        return ""
    if found.next_probe <= timezone.now():
        return gettext("It tries again with the next picture.")
    return gettext("Next try at %(time)s.") % {"time": clock(found.next_probe)}


def _since(found: Banner) -> str:
    return gettext("Paused since %(time)s.") % {"time": day_and_clock(found.since)}

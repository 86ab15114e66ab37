"""The banner that explains on every page why nothing is being generated."""

from dataclasses import dataclass

from django.utils import timezone

from generations import health
from generations.models import PauseCause, User
from generations.queries.provider.pauses import MAX_COUNTED, Banner, banner
from generations.views.site.formatting import clock, dollars, pictures, since

PAUSED = "Nothing new is being drawn"
# By cause: what has happened, and when the queue moves again.
CAUSES = {
    PauseCause.BY_HAND: ("an administrator has paused it", "when an administrator resumes"),
    PauseCause.KEY: (
        "the provider does not accept this site's API key",
        "by themselves once an administrator has mended it",
    ),
    PauseCause.ACCOUNT: (
        "the provider does not let this site's account use the model",
        "by themselves once an administrator has mended it",
    ),
    PauseCause.CREDITS: ("the provider account has no credits left for a picture", "by themselves after a top-up"),
    PauseCause.LIMIT: ("the spending limit set at the provider is reached", "by themselves once it is raised"),
    PauseCause.DISK: (
        "this site's disk is full, and a picture that cannot be kept is not paid for",
        "by themselves once there is room again",
    ),
    PauseCause.UNUSABLE: (
        "the provider charged its latest answers, and no picture was delivered",
        "by themselves as soon as one does",
    ),
    PauseCause.FAILING: ("the provider keeps failing", "by themselves as soon as it answers"),
}


@dataclass(frozen=True)
class StatusBanner:
    """The text of the banner: `lead` says why, `rest` what happens to waiting pictures."""

    lead: str
    rest: str

    @property
    def version(self) -> str:
        return f"{self.lead}{self.rest}"


NO_REDIS = StatusBanner(
    "Redis does not answer, so starting new pictures is delayed.",
    "Nothing is lost: pictures wait, and start when it is back. Check the server in REDIS_URL.",
)


def status_banner() -> StatusBanner | None:
    found = banner()
    return _in_words(found) if found else None


def notice_for(user: User) -> StatusBanner | None:
    """Return the banner; superusers also learn of a Redis that is away, which they can mend."""
    found = status_banner()
    if found is None and user.is_superuser and health.redis():
        return NO_REDIS
    return found


def paused() -> bool:
    return banner() is not None


def _in_words(found: Banner) -> StatusBanner:
    what, until = CAUSES[found.cause]
    if found.cause == PauseCause.CREDITS and found.balance is not None and found.needed is not None:
        what = (
            f"the provider account has {dollars(found.balance)} left and a picture needs about {dollars(found.needed)}"
        )
    if found.by_hand:
        what = f"{what}: “{found.reason.rstrip('. ')}”"
    parts = [_waiting(found.waiting, until), _next(found), f"Since {since(found.since)}."]
    return StatusBanner(f"{PAUSED}: {what}.", " ".join(part for part in parts if part))


def _waiting(count: int, until: str) -> str:
    if count == 0:
        return f"What is ordered now waits and goes on {until.replace('themselves', 'itself')}."
    if count == 1:
        return f"1 picture waits and goes on {until.replace('themselves', 'itself')}."
    return f"{pictures(count, MAX_COUNTED - 1)} wait and go on {until}."


def _next(found: Banner) -> str:
    if found.cause not in {PauseCause.FAILING, PauseCause.UNUSABLE} or found.next_probe is None:
        return ""
    if found.next_probe <= timezone.now():
        return "The next order tries it again."
    return f"It is tried again at {clock(found.next_probe)}."

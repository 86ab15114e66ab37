"""Rate limits: one table of limits, and one counter for all of them, in the database.

A use is a row, written in the transaction of the action it counts: rejected or rolled-back actions are not counted, and
losing Redis changes nothing. docs/rate-limits.md shows the table; a test compares the two.
"""

import hashlib
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format, number_format, time_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generations.conf import conf
from generations.errors import TooManyRequests
from generations.models import RateLimitUse, User
from generations.pipeline import admin_alerts
from hidream_site.proxies import network_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WINDOWS = {MINUTE: _("%(count)s per minute"), HOUR: _("%(count)s per hour"), DAY: _("%(count)s per day")}
# Parts of MAIL_PER_HOUR: administrators are alerted when no more than LITTLE is left; FOR_PASSWORDS is added on top for
# password links.
LITTLE, FOR_PASSWORDS = 0.05, 0.2
PER_HOUR = -1  # stands for MAIL_PER_HOUR
PASSWORDS_PER_HOUR = -2  # stands for a fifth of it, on top


class Per(StrEnum):
    """The subject of a limit."""

    USER = "user"
    ADDRESS = "address"  # an email address from a form
    NETWORK = "network"  # network of a request without an account
    SITE = "site"


@dataclass(frozen=True)
class Rate:
    """At most `most` uses per subject within `window`."""

    per: Per
    most: int
    window: timedelta

    @property
    def number(self) -> int:
        """Return the maximum, computed for the two that follow MAIL_PER_HOUR."""
        mails = conf().mail_per_hour
        return {PER_HOUR: mails, PASSWORDS_PER_HOUR: max(1, round(mails * FOR_PASSWORDS))}.get(self.most, self.most)


@dataclass(frozen=True)
class Limit:
    """The rates of an action, and the sentence of a refusal by its subject; `rate` in it becomes `20 per hour`."""

    rates: tuple[Rate, ...]
    user: "str | _StrPromise" = ""
    address: "str | _StrPromise" = ""
    network: "str | _StrPromise" = ""
    site: "str | _StrPromise" = ""
    # Another action that each use counts for as well.
    also: str = ""


def _user(hour: int, day: int) -> tuple[Rate, ...]:
    return (Rate(Per.USER, hour, HOUR), Rate(Per.USER, day, DAY))


def _address(hour: int, day: int) -> tuple[Rate, ...]:
    return (Rate(Per.ADDRESS, hour, HOUR), Rate(Per.ADDRESS, day, DAY))


# A form submitted twice sends one email. Placed last, so that the message names the hour if that is used up too.
ONCE_A_MINUTE = Rate(Per.ADDRESS, 1, MINUTE)


def _network(hour: int, day: int) -> tuple[Rate, ...]:
    return (Rate(Per.NETWORK, hour, HOUR), Rate(Per.NETWORK, day, DAY))


LIMITS = {
    "mail": Limit(
        (Rate(Per.SITE, PER_HOUR, HOUR),), site=_("This site has reached its limit for sending emails: %(rate)s.")
    ),
    "invitation": Limit(
        (*_user(20, 50), *_address(5, 10), ONCE_A_MINUTE), also="mail",
        user=_("You've reached the limit for sending invitations: %(rate)s."),
        address=_("This email address has reached the limit for invitations: %(rate)s."),
    ),
    "invitation_link": Limit(
        _user(60, 200), user=_("You've reached the limit for creating invitation links: %(rate)s.")
    ),
    "address_change": Limit(
        (*_user(5, 10), *_address(5, 10), ONCE_A_MINUTE), also="mail",
        user=_("You've reached the limit for changing your email address: %(rate)s."),
        address=_("This email address has reached the limit for confirmation emails: %(rate)s."),
    ),
    # No limit per day for an address: a link works for an hour, so the owner always gets one, however often others ask.
    "password_reset": Limit(
        (*_network(30, 100), Rate(Per.ADDRESS, 5, HOUR), ONCE_A_MINUTE),
        network=_("Your network has reached the limit for requesting password links: %(rate)s."),
        address=_("This email address has reached the limit for password links: %(rate)s."),
    ),
    "password_mail": Limit(
        (Rate(Per.SITE, PASSWORDS_PER_HOUR, HOUR),),
        site=_("This site has reached its limit for sending password links: %(rate)s."),
    ),
    "approval_request": Limit(_user(30, 100), user=_("You've reached the limit for requesting approval: %(rate)s.")),
    "comment": Limit(_user(60, 300), user=_("You've reached the limit for adding and editing comments: %(rate)s.")),
    "collection": Limit(_user(60, 200), user=_("You've reached the limit for creating collections: %(rate)s.")),
    "share_link": Limit(_user(60, 200), user=_("You've reached the limit for creating share links: %(rate)s.")),
    "share_link_change": Limit(
        _user(300, 1000), user=_("You've reached the limit for changing share links: %(rate)s.")
    ),
    "tag": Limit(_user(200, 600), user=_("You've reached the limit for creating tags: %(rate)s.")),
    "saved_search": Limit(_user(30, 100), user=_("You've reached the limit for saving searches: %(rate)s.")),
    "preset": Limit(_user(30, 100), user=_("You've reached the limit for saving presets: %(rate)s.")),
    "selection": Limit(_user(600, 3000), user=_("You've reached the limit for changing pictures: %(rate)s.")),
    "upload": Limit(_user(60, 300), user=_("You've reached the limit for checking files: %(rate)s.")),
    "zip": Limit(_user(40, 150), user=_("You've reached the limit for downloading ZIP files: %(rate)s.")),
    "shared_zip": Limit(
        _network(30, 100), network=_("Your network has reached the limit for downloading shared ZIP files: %(rate)s.")
    ),
    "report": Limit(_user(20, 60), user=_("You've reached the limit for reporting pictures: %(rate)s.")),
    "visitor_report": Limit(
        _network(10, 30), network=_("Your network has reached the limit for reporting pictures: %(rate)s.")
    ),
    "team": Limit(_user(10, 20), user=_("You've reached the limit for creating teams: %(rate)s.")),
    "security_change": Limit(
        _user(30, 60), user=_("You've reached the limit for changing two-factor authentication: %(rate)s.")
    ),
    "provider_question": Limit(_user(120, 600), user=_("You've reached the limit for asking the provider: %(rate)s.")),
}  # fmt: skip


def acquire(action: str, *, user: User | None = None, address: str = "", network: str = "", times: int = 1) -> None:
    """Count uses of an action that is about to happen. Raises TooManyRequests, and then nothing is counted.

    Call it first in the action's transaction. A user of None is the command line, which has no limits of its own.
    """
    whose = _subjects(user, address, network)
    with transaction.atomic():
        limits = [(action, rate) for rate in LIMITS[action].rates]
        if also := LIMITS[action].also:
            limits += [(also, rate) for rate in LIMITS[also].rates]
        concerned = [(name, rate, whose[rate.per]) for name, rate in limits if rate.per in whose]
        _lock(whose[per] for per in whose if any(rate.per == per for _, rate, _ in concerned))
        for name, rate, subject in concerned:
            _require(name, rate, subject, times)
        uses = dict.fromkeys((name, subject) for name, _, subject in concerned)
        RateLimitUse.objects.bulk_create(
            RateLimitUse(action=name, subject=subject) for name, subject in uses for _turn in range(times)
        )


def has_room(action: str, *, address: str = "") -> bool:
    """Count one use for the site, or an address, and return whether the limit allowed it."""
    try:
        acquire(action, address=address)
    except TooManyRequests:
        return False
    return True


def alert_about_many_emails() -> bool:
    """Alert the administrators when emails or password links near their hourly limit; return whether an alert was sent.

    Each of the two alerts is sent at most once an hour.
    """
    told = [_alert_about_emails(), _alert_about_password_links()]
    return any(told)


def _alert_about_emails() -> bool:
    sent, most = _sent_by_site("mail")
    text = gettext(
        "Emails sent in the last hour: %(sent)s. The maximum is %(most)s (MAIL_PER_HOUR). Above that, invitations "
        "and email address changes are refused, and notifications are sent later. Password links have their own "
        "limit.\n\nIf your teams don't need this many, check in the admin who has sent invitations. If"
        " they do, raise MAIL_PER_HOUR."
    ) % {"sent": sent, "most": most}
    return _is_nearly_full(sent, most) and admin_alerts.alert_admins_throttled(
        "mail limit", gettext("The hourly email limit is almost reached"), text
    )


def _alert_about_password_links() -> bool:
    sent, most = _sent_by_site("password_mail")
    text = gettext(
        "Password links sent in the last hour: %(sent)s. The maximum is %(most)s (a fifth of MAIL_PER_HOUR). Above "
        "that, the forgotten-password page responds as usual but sends nothing.\n\nIf your users didn't ask for "
        "these"
        " links, someone else did: block their networks before they reach the site. If they did, raise MAIL_PER_HOUR."
    ) % {"sent": sent, "most": most}
    return _is_nearly_full(sent, most) and admin_alerts.alert_admins_throttled(
        "password link limit", gettext("The hourly limit for password links is almost reached"), text
    )


def _sent_by_site(action: str) -> tuple[int, int]:
    (rate,) = LIMITS[action].rates
    return _within(action, rate, "").count(), rate.number


def _is_nearly_full(sent: int, most: int) -> bool:
    return sent >= most - math.floor(most * LITTLE)


def delete_old_uses() -> int:
    """Delete the uses that are older than every window, and return how many."""
    return RateLimitUse.objects.filter(at__lte=Now() - max(WINDOWS)).delete()[0]


def _subjects(user: User | None, address: str, network: str) -> dict[Per, str]:
    """Return the subjects in their order of locking, which is fixed so that two transactions cannot deadlock."""
    found = {Per.SITE: ""}
    if network:
        found = {Per.NETWORK: f"network:{_keyed(network_of(network))}"} | found
    if address:
        found = {Per.ADDRESS: f"address:{_keyed(_one_spelling(address))}"} | found
    if user is not None:
        found = {Per.USER: f"user:{user.pk}"} | found
    return found


def _one_spelling(address: str) -> str:
    """Return one spelling for all that a case-insensitive look-up takes for the same address."""
    return unicodedata.normalize("NFKC", address.strip()).casefold()


def _keyed(text: str) -> str:
    return salted_hmac("rate-limit", text, algorithm="sha256").hexdigest()[:32]


def _lock(subjects: Iterable[str]) -> None:
    """Lock the subjects until the transaction ends.

    SQLite needs no lock, because its transactions begin with the right to write.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for subject in subjects:
            digest = hashlib.sha256(f"rate limit {subject}".encode()).digest()
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])


def _require(action: str, rate: Rate, subject: str, times: int) -> None:
    uses = _within(action, rate, subject)
    over = uses.count() + times - rate.number
    if over <= 0:
        return
    # This many of the oldest uses have to leave the window first.
    oldest = list(uses.order_by("at").values_list("at", flat=True)[:over])
    until = (oldest[-1] if oldest else timezone.now()) + rate.window
    raise TooManyRequests(f"{_refusal(action, rate)} {_again(until)}", until=until)


def _within(action: str, rate: Rate, subject: str) -> "QuerySet[RateLimitUse]":
    return RateLimitUse.objects.filter(action=action, subject=subject, at__gt=Now() - rate.window)


def _refusal(action: str, rate: Rate) -> str:
    share = WINDOWS[rate.window] % {"count": number_format(rate.number, force_grouping=True)}
    return str(getattr(LIMITS[action], rate.per)) % {"rate": share}


def _again(until: datetime) -> str:
    """Return the sentence with the time, rounded up to the minute, so that it is never too early."""
    moment = timezone.localtime(until + MINUTE - timedelta(microseconds=1)).replace(second=0, microsecond=0)
    words = {"time": time_format(moment), "day": date_format(moment, "MONTH_DAY_FORMAT")}
    days = (moment.date() - timezone.localdate()).days
    if days == 0:
        return gettext("Try again at %(time)s.") % words
    if days == 1:
        return gettext("Try again tomorrow at %(time)s.") % words
    return gettext("Try again on %(day)s at %(time)s.") % words

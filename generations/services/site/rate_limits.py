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

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format

from generations.conf import conf
from generations.errors import TooManyRequests
from generations.models import RateLimitUse, User
from generations.pipeline import admin_alerts
from hidream_site.proxies import network_of

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WINDOWS = {MINUTE: "minute", HOUR: "hour", DAY: "day"}
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
    """The rates of an action, and the words of its message.

    `done`, `things` and `do` make the sentence: you've *sent* 20 *invitations*, the most one user can *send*.
    """

    done: str
    things: str
    do: str
    rates: tuple[Rate, ...]
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
    "mail": Limit("sent", "mails", "send", (Rate(Per.SITE, PER_HOUR, HOUR),)),
    "invitation": Limit("sent", "invitations", "send", (*_user(20, 50), *_address(5, 10), ONCE_A_MINUTE), also="mail"),
    "invitation_link": Limit("created", "invitation links", "create", _user(60, 200)),
    "address_change": Limit(
        "requested", "address changes", "request", (*_user(5, 10), *_address(5, 10), ONCE_A_MINUTE), also="mail"
    ),
    # No limit per day for an address: a link works for an hour, so the owner always gets one, however often others ask.
    "password_reset": Limit(
        "requested", "password links", "request", (*_network(30, 100), Rate(Per.ADDRESS, 5, HOUR), ONCE_A_MINUTE)
    ),
    "password_mail": Limit("sent", "password links", "send", (Rate(Per.SITE, PASSWORDS_PER_HOUR, HOUR),)),
    "approval_request": Limit("sent", "requests for approval", "send", _user(30, 100)),
    "comment": Limit("added or edited", "comments", "add or edit", _user(60, 300)),
    "collection": Limit("created", "collections", "create", _user(60, 200)),
    "share_link": Limit("created", "share links", "create", _user(60, 200)),
    "tag": Limit("created", "tags", "create", _user(200, 600)),
    "saved_search": Limit("saved", "searches", "save", _user(30, 100)),
    "selection": Limit("changed", "selections of pictures", "change", _user(600, 3000)),
    "upload": Limit("checked", "files", "check", _user(60, 300)),
    "zip": Limit("downloaded", "ZIP files", "download", _user(40, 150)),
    "shared_zip": Limit("downloaded", "shared ZIP files", "download", _network(30, 100)),
    "team": Limit("created", "teams", "create", _user(10, 20)),
    "security_change": Limit("made", "changes to your second factor", "make", _user(30, 60)),
    "provider_question": Limit("sent", "questions to the provider", "send", _user(120, 600)),
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
            RateLimitUse(action=name, subject=subject) for name, subject in uses for _ in range(times)
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
    return _is_nearly_full(sent, most) and admin_alerts.alert_admins_throttled(
        "mail limit",
        "The site has sent nearly all the mails it may send in an hour",
        f"{sent} mails were sent in the last hour, and {most} is the most (MAIL_PER_HOUR). Beyond it, invitations and"
        " address changes are refused with a sentence, and notifications wait and are sent later. Password links"
        " have a limit of their own.\n\nIf this is more than your teams need, look in the admin at who has sent"
        " invitations. If it is not, raise MAIL_PER_HOUR.",
    )


def _alert_about_password_links() -> bool:
    sent, most = _sent_by_site("password_mail")
    return _is_nearly_full(sent, most) and admin_alerts.alert_admins_throttled(
        "password link limit",
        "The site has sent nearly all the password links it may send in an hour",
        f"{sent} password links were sent in the last hour, and {most} is the most (a fifth of MAIL_PER_HOUR). Beyond"
        " it, the page for a forgotten password answers as always and sends nothing.\n\nIf your users did not ask for"
        " these links, somebody asks for them: block their networks in front of the site. If they did, raise"
        " MAIL_PER_HOUR.",
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
    raise TooManyRequests(f"{_said(action, rate)} Try again {_at(until)}.", until=until)


def _within(action: str, rate: Rate, subject: str) -> "QuerySet[RateLimitUse]":
    return RateLimitUse.objects.filter(action=action, subject=subject, at__gt=Now() - rate.window)


def _said(action: str, rate: Rate) -> str:
    limit, most, window = LIMITS[action], rate.number, f"in the last {WINDOWS[rate.window]}"
    if rate.per == Per.ADDRESS:
        sent = f"{limit.things} have" if most > 1 else f"{limit.things.removesuffix('s')} has"
        return f"{most} {sent} been {limit.done} for this address {window}, the most there can be."
    who = {Per.USER: "You've", Per.NETWORK: "Your network has", Per.SITE: "This site has"}[rate.per]
    one = {Per.USER: "one user", Per.NETWORK: "one network", Per.SITE: "it"}[rate.per]
    return f"{who} {limit.done} {most} {limit.things} {window}, the most {one} can {limit.do}."


def _at(until: datetime) -> str:
    """Return the time rounded up to the minute, so that it is never too early."""
    moment = timezone.localtime(until + MINUTE - timedelta(microseconds=1)).replace(second=0, microsecond=0)
    days = (moment.date() - timezone.localdate()).days
    day = {0: "", 1: "tomorrow "}.get(days, f"on {date_format(moment, 'j F')} ")
    return f"{day}at {moment:%H:%M}"

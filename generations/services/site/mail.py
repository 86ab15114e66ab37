"""Emails to users; each is a template in templates/mail/ whose first line is the subject."""

import logging
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from generations.pipeline.isolation import run_isolated
from generations.services.site import rate_limits
from generations.services.site.site_language import site_language


class HourlyLimit(StrEnum):
    """When an email is counted against the number that the site may send in an hour."""

    BY_ACTION = "by the limit of what it is about, before anything else is done"
    WHEN_SENT = "when it is sent; where there is no room it waits, and a later round sends it"
    NEVER = "never: it says that an account has changed, and must arrive"


HOURLY_LIMITS = {
    "invitation": HourlyLimit.BY_ACTION, "new_email": HourlyLimit.BY_ACTION, "password_reset": HourlyLimit.BY_ACTION,
    "approval_requested": HourlyLimit.WHEN_SENT, "approval_decided": HourlyLimit.WHEN_SENT,
    "digest": HourlyLimit.WHEN_SENT, "limit": HourlyLimit.WHEN_SENT, "spending_report": HourlyLimit.WHEN_SENT,
    "old_email": HourlyLimit.NEVER, "two_factor": HourlyLimit.NEVER,
}  # fmt: skip
MAX_NAME_LENGTH, MAX_SUBJECT_LENGTH = 40, 120
# A word that a mail program turns into a link: a scheme, an @, www., a host name, an IPv4 address. Full stops of other
# scripts count, because browsers treat them as dots.
DOT = r"[.\u3002]"
ADDRESS = re.compile(
    rf"://|@|^(?:mailto|tel|sms):|\bwww{DOT}|\w{DOT}(?:[^\W\d_]{{2}}|xn--)|\d(?:{DOT}\d{{1,3}}){{3}}", re.IGNORECASE
)
# After this many consecutive failures the mail server is assumed down; the rest waits for the next round.
MAX_FAILURES = 3
T = TypeVar("T")
logger = logging.getLogger(__name__)


def send(template: str, to: str, **words: object) -> bool:
    """Send an email; return whether the mail server accepted it.

    False as well when the site's hourly limit is used up. Raises nothing if the mail server is down, so that the action
    which the email is about is not undone.
    """
    return _may_go(template) and _deliver(_written(template, to, words))


def send_in_background(template: str, to: str, **words: object) -> bool:
    """Send an email in a thread; return False if the site's hourly limit is used up.

    The response does not wait for the mail server, because its duration would show whether there was an email to send.
    """
    if not _may_go(template):
        return False
    threading.Thread(target=_deliver, args=[_written(template, to, words)], name="letter").start()
    return True


def send_each(step: Callable[[T], bool | None], owed: Iterable[T], what: str) -> int:
    """Call `step` for each item and return how many emails were sent.

    `step` returns True if its email was sent, False if no mail server accepted it, and None if there was nothing to
    send. An exception in one item does not stop the others.
    """
    sent = refused = 0
    for one in owed:
        went = run_isolated(step, one)
        sent, refused = sent + bool(went), 0 if went is not False else refused + 1
        if refused == MAX_FAILURES:
            logger.warning("the mail server took none of %d %s; the others wait for the next round", refused, what)
            break
    return sent


def plain_name(name: object, longest: int = MAX_NAME_LENGTH) -> str:
    """Return a name that is safe in an email; empty when nothing is left.

    Words that a mail program turns into links, and control and invisible characters, are removed; the length is at most
    `longest`.
    """
    visible = "".join(_visible(one) for one in str(name))
    # Full-width and other variants of a letter are compared as that letter.
    words = " ".join(word for word in visible.split() if not ADDRESS.search(unicodedata.normalize("NFKC", word)))
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"


def _visible(one: str) -> str:
    category = unicodedata.category(one)
    if category in {"Cf", "Cs", "Co", "Cn"}:
        return ""
    return " " if category[0] in "CZ" else one


def _may_go(template: str) -> bool:
    if HOURLY_LIMITS[template] is not HourlyLimit.WHEN_SENT or rate_limits.has_room("mail"):
        return True
    logger.warning("a mail (%s) waits: the site has sent as many mails as it may in an hour", template)
    return False


def _written(template: str, to: str, words: dict[str, object]) -> EmailMessage:
    """Render the email in the language of the site: its reader may have another one than who caused it."""
    with site_language():
        subject, _, text = render_to_string(f"mail/{template}.txt", words).partition("\n")
    return EmailMessage(plain_name(subject, MAX_SUBJECT_LENGTH), text.lstrip("\n"), None, [to])


def _deliver(message: EmailMessage) -> bool:
    try:
        message.send()
    except Exception:  # whatever a mail server or its library may raise
        logger.exception("a mail could not be sent")
        return False
    return True

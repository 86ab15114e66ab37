"""Letters to people; each is a template in templates/mail/, its first line the subject."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from generations.pipeline.each import alone

# In a row; then it is the mail server, and what is owed waits for the next round.
MOST_REFUSED = 3
T = TypeVar("T")
logger = logging.getLogger(__name__)


def send(letter: str, to: str, **words: object) -> bool:
    """Whether the mail server took it; one that is away must not undo what the letter tells of."""
    return _deliver(_written(letter, to, words))


def send_aside(letter: str, to: str, **words: object) -> None:
    """Without waiting for the mail server: how long it takes would tell whether there was anything to send."""
    threading.Thread(target=_deliver, args=[_written(letter, to, words)], name="letter").start()


def send_each(step: Callable[[T], bool | None], owed: Iterable[T], what: str) -> int:
    """How many letters went. `step` sends one: True when it went, False when no mail server took it, None when nothing
    was to be sent. What one of them raises keeps no other from going.
    """
    sent = refused = 0
    for one in owed:
        went = alone(step, one)
        sent, refused = sent + bool(went), 0 if went is not False else refused + 1
        if refused == MOST_REFUSED:
            logger.warning("the mail server took none of %d %s; the others wait for the next round", refused, what)
            break
    return sent


def _written(letter: str, to: str, words: dict[str, object]) -> EmailMessage:
    subject, _, text = render_to_string(f"mail/{letter}.txt", words).partition("\n")
    return EmailMessage(" ".join(subject.split()), text.lstrip("\n"), None, [to])


def _deliver(message: EmailMessage) -> bool:
    try:
        message.send()
    except Exception:  # whatever a mail server or its library may raise
        logger.exception("a letter could not be sent")
        return False
    return True

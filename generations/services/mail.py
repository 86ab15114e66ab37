"""Letters to people; each is a template in templates/mail/, its first line the subject."""

import logging
import threading

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def send(letter: str, to: str, **words: object) -> bool:
    """Whether the mail server took it; one that is away must not undo what the letter tells of."""
    return _deliver(_written(letter, to, words))


def send_aside(letter: str, to: str, **words: object) -> None:
    """Without waiting for the mail server: how long it takes would tell whether there was anything to send."""
    threading.Thread(target=_deliver, args=[_written(letter, to, words)], name="letter").start()


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

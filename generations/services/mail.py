"""Letters to people; each is a template in templates/mail/, its first line the subject."""

import logging

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def send(name: str, to: str, **words: object) -> bool:
    """Whether the mail server took it; one that is away must not undo what the letter tells of."""
    subject, _, text = render_to_string(f"mail/{name}.txt", words).partition("\n")
    try:
        EmailMessage(" ".join(subject.split()), text.lstrip("\n"), None, [to]).send()
    except Exception:  # whatever a mail server or its library may raise
        logger.exception("a letter could not be sent: %s", name)
        return False
    return True

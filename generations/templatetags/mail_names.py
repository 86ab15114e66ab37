"""Filters for names that users chose, made safe for emails; services/site/mail.py says why."""

from django import template

from generations.services.site.mail import plain_name

MAX_LINE_LENGTH = 400
register = template.Library()


@register.filter
def plain(name: object, otherwise: str) -> str:
    return plain_name(name) or otherwise


@register.filter
def plain_line(sentence: object) -> str:
    """Return a sentence of ours that contains such names."""
    return plain_name(sentence, MAX_LINE_LENGTH)

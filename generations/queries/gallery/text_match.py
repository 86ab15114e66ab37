"""Text search: the only place that defines how words match a prompt."""

from django.db.models import QuerySet

from generations.models import Generation

MAX_WORDS = 10


def matching_words(rows: "QuerySet[Generation]", words: str) -> "QuerySet[Generation]":
    """Return the rows whose prompt contains every word, ignoring case (on SQLite only for ASCII letters).

    Only the first MAX_WORDS words count.
    """
    for word in words.split()[:MAX_WORDS]:
        rows = rows.filter(prompt__icontains=word)
    return rows

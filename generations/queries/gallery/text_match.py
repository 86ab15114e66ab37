"""Words to a filter; the one place that knows how words are matched."""

from django.db.models import QuerySet

from generations.models import Generation

MAX_WORDS = 10


def matching_words(rows: "QuerySet[Generation]", words: str) -> "QuerySet[Generation]":
    """Rows whose prompt holds every word, whatever its case (on SQLite: the case of ASCII letters)."""
    for word in words.split()[:MAX_WORDS]:
        rows = rows.filter(prompt__icontains=word)
    return rows

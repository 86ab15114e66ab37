"""Prompts that a user has used in a team: the latest pictures by index, and each text once."""

from dataclasses import dataclass

from generations.folding import fold
from generations.models import Generation, Team, User
from generations.queries.gallery.gallery import MAX_WORDS

# Pictures that are read for one list, and prompts that it has at most.
LOOKED_AT = 400
MAX_PROMPTS = 50


@dataclass
class PastPrompt:
    """A prompt: its newest picture, the newest one that is finished, and the number of pictures."""

    newest: Generation
    finished: Generation | None
    count: int


def past_prompts(team: Team, user: User, words: str = "") -> list[PastPrompt]:
    """Return the user's own prompts with all of these words, newest first, at most MAX_PROMPTS.

    Only the latest LOOKED_AT pictures count, so that the cost does not grow with the gallery.
    """
    rows = Generation.objects.of_team(team).shown().filter(author=user, purged_at=None)
    found: dict[str, PastPrompt] = {}
    for row in rows.select_related("image").order_by("-id")[:LOOKED_AT]:
        text = row.prompt.strip()
        if text not in found:
            found[text] = PastPrompt(row, None, 0)
        past = found[text]
        past.count += 1
        past.finished = past.finished or (row if hasattr(row, "image") else None)
    wanted = fold(words).split()[:MAX_WORDS]
    matching = (past for text, past in found.items() if text and all(word in fold(text) for word in wanted))
    return [past for past, _ in zip(matching, range(MAX_PROMPTS), strict=False)]

"""What a team lets its copies tell."""

import logging

from generations.models import Team, User

logger = logging.getLogger(__name__)


def choose_words(*, actor: User, team: Team, in_downloads: bool, in_shared_copies: bool) -> None:
    """Whether prompt and parameters are in copies from now on; those that left already keep what they say."""
    Team.objects.filter(pk=team.pk).update(prompt_in_downloads=in_downloads, prompt_in_shared_copies=in_shared_copies)
    logger.info(
        "copies of team %s: words in downloads %s, in shared copies %s, chosen by user %s",
        team.slug, in_downloads, in_shared_copies, actor.pk,
    )  # fmt: skip

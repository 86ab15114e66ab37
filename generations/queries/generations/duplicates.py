"""Finished pictures with the same parameters as a planned one."""

from collections.abc import Collection

from generations.models import Generation, State, Team, User

# Candidates read for all fingerprints of one request together.
MAX_DUPLICATES = 500


def find_duplicates(team: Team, viewer: User, fingerprints: Collection[str]) -> dict[str, Generation]:
    """Return, by fingerprint, the finished pictures that the user can see; of several the newest."""
    wanted = {one for one in fingerprints if one}
    if not wanted:
        return {}
    # Queried without the state, because with it SQLite reads all finished pictures of the team. The exclusion is
    # redundant, but it matches the condition of the partial index.
    same = Generation.objects.filter(team=team, fingerprint__in=wanted).exclude(fingerprint="")
    ids = list(same.order_by("-id").values_list("id", flat=True)[:MAX_DUPLICATES])
    rows = Generation.objects.visible_to(viewer).shown().filter(id__in=ids, state=State.DONE, image__isnull=False)
    return {row.fingerprint: row for row in rows.select_related("image", "author").order_by("id")}

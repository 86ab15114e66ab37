"""What the team has paid for already."""

from collections.abc import Collection

from generations.models import Generation, State, Team, User

# Of one order's pictures, together; more than anybody draws again and again.
MAX_DUPLICATES = 500


def find_duplicates(team: Team, viewer: User, fingerprints: Collection[str]) -> dict[str, Generation]:
    """By fingerprint the finished pictures that show just this, of those the viewer may see; of several the latest."""
    wanted = {one for one in fingerprints if one}
    if not wanted:
        return {}
    # Asked for alone: beside a state SQLite would read all finished pictures of the team. The second condition says
    # nothing new; it is the one the index knows.
    same = Generation.objects.filter(team=team, fingerprint__in=wanted).exclude(fingerprint="")
    ids = list(same.order_by("-id").values_list("id", flat=True)[:MAX_DUPLICATES])
    rows = Generation.objects.visible_to(viewer).shown().filter(id__in=ids, state=State.DONE, image__isnull=False)
    return {row.fingerprint: row for row in rows.select_related("image", "author").order_by("id")}

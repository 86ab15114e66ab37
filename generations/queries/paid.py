"""What the team has paid for already."""

from collections.abc import Collection

from generations.models import Generation, State, Team, User


def paid_before(team: Team, viewer: User, fingerprints: Collection[str]) -> dict[str, Generation]:
    """By fingerprint the finished pictures that show just this, of those the viewer may see; of several the latest."""
    wanted = {one for one in fingerprints if one}
    if not wanted:
        return {}
    rows = Generation.objects.visible_to(viewer).of_team(team).shown().filter(state=State.DONE, image__isnull=False)
    # The second condition says nothing new; it is the one the index knows.
    rows = rows.filter(fingerprint__in=wanted).exclude(fingerprint="")
    return {row.fingerprint: row for row in rows.select_related("image", "author").order_by("id")}

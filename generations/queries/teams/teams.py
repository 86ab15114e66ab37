"""Teams, by name."""

from generations.models import Team, User


def teams_of(user: User) -> list[Team]:
    """Return the teams that the user can see."""
    return list(Team.objects.visible_to(user))


def open_teams() -> list[Team]:
    """Return all teams but those that are closed, such as the demo's once there is an API key."""
    return list(Team.objects.exclude(pk__in=Team.objects.closed()))

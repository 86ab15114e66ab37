"""Where the site shows what a page of the admin is about, to those who may open it there."""

import uuid

from django.urls import reverse

from generations.models import Generation, Team, User
from generations.permissions import Verb, allows, role_of


def team_page(user: User, team: Team | None, name: str, *args: object, verb: Verb = Verb.VIEW) -> str | None:
    """Return the address of a page of the team, None unless the user's role there has the verb."""
    if team is None or not allows(role_of(user, team), verb):
        return None
    return reverse(name, args=[team.slug, *args])


def picture_page(user: User, generation: uuid.UUID | None) -> str | None:
    """Return the address of the page of a picture, None unless the user can see it there."""
    if generation is None or not Generation.objects.visible_to(user).filter(id=generation).exists():
        return None
    return reverse("detail", args=[generation])

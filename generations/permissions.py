"""Who may do what: one table of roles and verbs, and the questions asked of it."""

from enum import StrEnum

from generations.models import Collection, Generation, Membership, Role, Team, User


class Verb(StrEnum):
    """`SETTLE` is to give up a picture whose outcome nobody will tell, and to book what it may have cost.

    `ORGANISE` puts pictures into collections and tags on them. `SHARE` makes links for what the person may see;
    `SHARE_ANY` revokes everybody's, and makes some that never end. `INVITE` also changes and removes those below an
    owner; `OWN` is what only owners do: rename the team, make others owners.
    """

    VIEW = "view"
    FAVOURITE = "favourite"
    CREATE = "create"
    EDIT_OWN = "edit own"
    ORGANISE = "organise"
    SHARE = "share"
    EDIT_ANY = "edit any"
    SETTLE = "settle"
    MERGE_TAGS = "merge tags"
    SHARE_ANY = "share any"
    INVITE = "invite"
    OWN = "own"


VIEWER = {Verb.VIEW, Verb.FAVOURITE}
MEMBER = VIEWER | {Verb.CREATE, Verb.EDIT_OWN, Verb.ORGANISE, Verb.SHARE}
MANAGER = MEMBER | {Verb.EDIT_ANY, Verb.SETTLE, Verb.MERGE_TAGS, Verb.SHARE_ANY, Verb.INVITE}
TABLE: dict[str, set[Verb]] = {
    Role.VIEWER: VIEWER,
    Role.MEMBER: MEMBER,
    Role.MANAGER: MANAGER,
    Role.OWNER: MANAGER | {Verb.OWN},
}


def role_of(user: User, team: Team) -> str | None:
    return Membership.objects.filter(user=user, team=team).values_list("role", flat=True).first()


def allows(role: str | None, verb: Verb) -> bool:
    return role is not None and verb in TABLE[role]


def may_edit(role: str | None, user: User, generation: Generation) -> bool:
    """Delete, restore, cancel: one's own pictures, or every picture of the team."""
    own = generation.author_id == user.pk
    return allows(role, Verb.EDIT_ANY) or (own and allows(role, Verb.EDIT_OWN))


def may_delete_collection(role: str | None, user: User, collection: Collection) -> bool:
    """Whoever made it, or who may edit everything; filling and naming it is open to all who organise."""
    own = collection.author_id == user.pk
    return allows(role, Verb.EDIT_ANY) or (own and allows(role, Verb.ORGANISE))

"""Permissions: one table of roles and verbs, and the checks against it."""

from enum import StrEnum

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generations.conf import conf
from generations.errors import NotAllowed
from generations.models import (
    Budget,
    Collection,
    Comment,
    Generation,
    Membership,
    Preset,
    Role,
    SavedSearch,
    ShareLink,
    Team,
    User,
)


class Verb(StrEnum):
    """A permission in a team.

    `SETTLE` gives up a picture of unknown outcome, which charges its estimate. `ORGANISE` puts pictures into
    collections and tags on them. `SHARE` creates links to what the user may see; `SHARE_ANY` revokes all users' links
    and creates links without expiry. `MODERATE` decides about reported pictures and blocks words in prompts. `REVIEW`
    shows everyone's spending, decides about approval requests and signs months off; `LIMIT` sets limits. `INVITE` also
    changes and removes roles below an owner; `OWN` is for owners only: rename the team, make others owners.
    """

    VIEW = "view"
    FAVOURITE = "favourite"
    CREATE = "create"
    EDIT_OWN = "edit own"
    ORGANISE = "organise"
    SHARE = "share"
    COMMENT = "comment"
    EDIT_ANY = "edit any"
    SETTLE = "settle"
    MERGE_TAGS = "merge tags"
    SHARE_ANY = "share any"
    MODERATE = "moderate"
    REVIEW = "review"
    LIMIT = "limit"
    INVITE = "invite"
    OWN = "own"


VIEWER = {Verb.VIEW, Verb.FAVOURITE}
MEMBER = VIEWER | {Verb.CREATE, Verb.EDIT_OWN, Verb.ORGANISE, Verb.SHARE, Verb.COMMENT}
MANAGER = MEMBER | {
    Verb.EDIT_ANY,
    Verb.SETTLE,
    Verb.MERGE_TAGS,
    Verb.SHARE_ANY,
    Verb.MODERATE,
    Verb.REVIEW,
    Verb.INVITE,
}
TABLE: dict[str, set[Verb]] = {
    Role.VIEWER: VIEWER,
    Role.MEMBER: MEMBER,
    Role.MANAGER: MANAGER,
    Role.OWNER: MANAGER | {Verb.LIMIT, Verb.OWN},
}
SPENDERS = [role for role, verbs in TABLE.items() if Verb.CREATE in verbs]
REVIEWERS = [role for role, verbs in TABLE.items() if Verb.REVIEW in verbs]
MODERATORS = [role for role, verbs in TABLE.items() if Verb.MODERATE in verbs]

# The same table in words, for the page of people.
VERB_LABELS = {
    Verb.VIEW: _("See the team's pictures and what they cost"),
    Verb.FAVOURITE: _("Favourite pictures"),
    Verb.CREATE: _("Generate pictures, which count towards the team's limits"),
    Verb.EDIT_OWN: _("Cancel, delete and restore their own pictures"),
    Verb.ORGANISE: _("Add pictures to collections and tag them"),
    Verb.SHARE: _("Share pictures and collections by link"),
    Verb.COMMENT: _("Comment on pictures and mention people, who are notified"),
    Verb.EDIT_ANY: _("See all private pictures; cancel, delete and restore any picture; delete any comment"),
    Verb.SETTLE: _("Mark a picture as lost when its outcome is unknown"),
    Verb.MERGE_TAGS: _("Merge tags"),
    Verb.SHARE_ANY: _("Revoke anyone's links; create links that never expire"),
    Verb.MODERATE: _("Decide about reported pictures and block words in prompts"),
    Verb.REVIEW: _("See everyone's spending, approve requests, sign off months"),
    Verb.LIMIT: _(
        "Set spending limits for the team, a person or a collection, and how many pictures each person can generate"
    ),
    Verb.INVITE: _("Invite viewers and members, change their roles, remove them"),
    Verb.OWN: _("Add, change and remove managers and owners; rename the team"),
}
BELOW_MANAGER = [Role.VIEWER, Role.MEMBER]


def role_of(user: User, team: Team) -> str | None:
    """Return the user's role in a team, None without one; in the demo's teams a viewer once pictures cost money."""
    role = Membership.objects.filter(user=user, team=team).values_list("role", flat=True).first()
    return Role.VIEWER if role and team.is_closed else role


def allows(role: str | None, verb: Verb) -> bool:
    return role is not None and verb in TABLE[role]


def require_verb(user: User, team: Team, verb: Verb) -> None:
    """Check a permission in a service; a view uses `access`. Raises NotAllowed."""
    if not allows(role_of(user, team), verb):
        raise NotAllowed(gettext("Your role in this team doesn't allow this. Ask a team owner to change it."))


def may_see_balance(user: User, *, reviews: bool) -> bool:
    """Return whether the user may see what the provider's account holds; `reviews` is whether they may `REVIEW`.

    The account belongs to all teams: where everybody may create a team, its owner must not see the balance.
    """
    return user.is_superuser or (reviews and not conf().everybody_makes_teams)


def may_change_limit(user: User, budget: Budget) -> bool:
    """Return whether the user may change a limit: superusers those of the site, owners their team's."""
    if budget.by_site or budget.team is None:
        return user.is_superuser
    return allows(role_of(user, budget.team), Verb.LIMIT)


def grantable(role: str | None) -> list[Role]:
    """Return the roles that a role may assign; it may also change and remove members who have one of them."""
    if allows(role, Verb.OWN):
        return list(Role)
    return BELOW_MANAGER if allows(role, Verb.INVITE) else []


def may_create_team(user: User) -> bool:
    """Return whether the user may create a team.

    Creating a team grants spending rights, so it requires a superuser, or, where everybody creates teams, spending
    rights in an existing team.
    """
    if user.is_superuser:
        return True
    return conf().everybody_makes_teams and Membership.objects.filter(user=user, role__in=SPENDERS).exists()


def may_edit(role: str | None, user: User, generation: Generation) -> bool:
    """Return whether the user may delete, restore and cancel a picture: their own, or every picture of the team."""
    own = generation.author_id == user.pk
    return allows(role, Verb.EDIT_ANY) or (own and allows(role, Verb.EDIT_OWN))


def may_delete_collection(role: str | None, user: User, collection: Collection) -> bool:
    """Return whether the user may delete a collection: their own, or all; filling and renaming need ORGANISE only."""
    own = collection.author_id == user.pk
    return allows(role, Verb.EDIT_ANY) or (own and allows(role, Verb.ORGANISE))


def may_change_saved_search(role: str | None, user: User, saved: SavedSearch) -> bool:
    """Return whether the user may change a saved search: their own, or with EDIT_ANY every one in the team."""
    return role is not None and (saved.author_id == user.pk or allows(role, Verb.EDIT_ANY))


def may_change_preset(role: str | None, user: User, preset: Preset) -> bool:
    """Return whether the user may change a preset: with EDIT_ANY every one, else their own unless it is the default."""
    own = preset.author_id == user.pk and not preset.is_default
    return role is not None and (own or allows(role, Verb.EDIT_ANY))


def may_change_comment(role: str | None, user: User, comment: Comment) -> bool:
    """Return whether the user may change a comment: only its author, whatever the role."""
    return comment.author_id == user.pk and allows(role, Verb.COMMENT)


def may_delete_comment(role: str | None, user: User, comment: Comment) -> bool:
    return may_change_comment(role, user, comment) or allows(role, Verb.EDIT_ANY)


def may_revoke_link(role: str | None, user: User, link: ShareLink) -> bool:
    """Return whether the user may revoke a share link: their own ones, and with SHARE_ANY those of others."""
    return link.creator_id == user.pk or allows(role, Verb.SHARE_ANY)

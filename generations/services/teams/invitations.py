"""Invitations: a link that works once, within a week, for one role."""

import secrets
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.errors import GalleryError, InvalidInvitation, NotAllowed
from generations.models import AuditAction, Invitation, Membership, Role, Team, User
from generations.permissions import grantable, role_of
from generations.queries.teams.members import open_invitations, still_stands, token_hash
from generations.services.site import audit, rate_limits
from generations.services.teams.members import NOT_ALLOWED, locked

LIFETIME = timedelta(days=7)
TOKEN_BYTES = 32
USED = gettext_lazy("This invitation has already been used or revoked.")
MAX_OPEN = 200


@transaction.atomic
def invite(
    *, actor: User | None, team: Team, role: Role, email: str = "", mailed: bool = False
) -> tuple[Invitation, str]:
    """Create an invitation and return it with its token, which is stored only as a hash.

    An open invitation for the same address is revoked, and the new one's `replaces` names its role. An actor of None is
    the command line. One that is not `mailed` counts as an invitation link. Raises NotAllowed, TooManyRequests, and
    GalleryError when the address is a member's or the team has MAX_OPEN open invitations.
    """
    _count(actor, email, mailed)
    team, email = locked(team), email.strip().lower()
    _require_grant(actor, team, role)
    _refuse_member(team, email)
    earlier = open_invitations(team).filter(email=email) if email else open_invitations(team).none()
    replaces = earlier.values_list("role", flat=True).first() or ""
    earlier.update(revoked_at=Now())
    if open_invitations(team)[:MAX_OPEN].count() == MAX_OPEN:
        said = _("%(team)s has %(count)s open invitations, the maximum. Revoke some first.")
        raise GalleryError(said % {"team": team, "count": number_format(MAX_OPEN)})
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        team=team, email=email, role=role, invited_by=actor, token_hash=token_hash(token),
        expires_at=timezone.now() + LIFETIME,
    )  # fmt: skip
    invitation.replaces = replaces
    audit.record_event(AuditAction.INVITED, actor=actor, subject=invitation, team=team, detail=role)
    return invitation, token


@transaction.atomic
def renew(*, actor: User, invitation: Invitation, mailed: bool = False) -> str:
    """Give an open invitation a new token, which replaces the old one, and a new week; return the token.

    Raises NotAllowed, TooManyRequests, GalleryError, and InvalidInvitation when it was used or revoked.
    """
    _count(actor, invitation.email, mailed)
    team = locked(invitation.team)
    _require_grant(actor, team, invitation.role)
    _refuse_member(team, invitation.email)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    changes = {"token_hash": token_hash(token), "expires_at": timezone.now() + LIFETIME, "invited_by": actor}
    if open_invitations(team).filter(pk=invitation.pk).update(**changes) != 1:
        raise InvalidInvitation(str(USED))
    audit.record_event(
        AuditAction.RENEWED_INVITATION, actor=actor, subject=invitation, team=team, detail=invitation.role
    )
    return token


@transaction.atomic
def revoke(*, actor: User, invitation: Invitation) -> bool:
    """Revoke an invitation; return False if it was used or revoked in the meantime. Raises NotAllowed."""
    team = locked(invitation.team)
    _require_grant(actor, team, invitation.role)
    gone = open_invitations(team).filter(pk=invitation.pk).update(revoked_at=Now()) == 1
    if gone:
        audit.record_event(AuditAction.REVOKED_INVITATION, actor=actor, subject=invitation, team=team)
    return gone


@transaction.atomic
def accept(*, actor: User, invitation: Invitation) -> bool:
    """Add the user to the team; return False if they are a member already, and then the invitation stays open.

    Raises InvalidInvitation when it is for another address, expired, used or revoked, or when its sender may not give
    the role any more.
    """
    if Membership.objects.filter(team=locked(invitation.team), user=actor).exists():
        return False
    if invitation.email not in {"", actor.email}:
        raise InvalidInvitation(_("This invitation is for another email address."))
    now_open = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=Now())
    # The token is compared too, because a renewed invitation invalidates its old token.
    used = now_open.filter(token_hash=invitation.token_hash).update(accepted_at=Now(), accepted_by=actor)
    if not used or not still_stands(invitation):
        raise InvalidInvitation(str(USED))
    Membership.objects.create(team=invitation.team, user=actor, role=invitation.role)
    audit.record_event(
        AuditAction.JOINED, actor=actor, subject=invitation, team=invitation.team, detail=invitation.role
    )
    return True


@transaction.atomic
def join(*, invitation: Invitation, email: str, name: str, password: str) -> User:
    """Create an account for an invited person and add it to the team.

    Raises ValidationError for a weak password, IntegrityError when the address has an account, InvalidInvitation.
    """
    validate_password(password, User(email=email, name=name))
    user = User.objects.create_user(invitation.email or email, password, name=name)
    accept(actor=user, invitation=invitation)
    return user


def _count(actor: User | None, email: str, mailed: bool) -> None:
    if mailed:
        rate_limits.acquire("invitation", user=actor, address=email)
    else:
        rate_limits.acquire("invitation_link", user=actor)


def _require_grant(actor: User | None, team: Team, role: str) -> None:
    if actor is not None and role not in grantable(role_of(actor, team)):
        raise NotAllowed(str(NOT_ALLOWED))


def _refuse_member(team: Team, email: str) -> None:
    if email and Membership.objects.filter(team=team, user__email=email).exists():
        raise GalleryError(_("%(email)s is already in %(team)s.") % {"email": email, "team": team})

"""The members of a team, its open invitations, and what each role may do."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generations.access import invitation_or_404, last_team, membership_or_404, require
from generations.conf import conf
from generations.errors import GalleryError, NotAllowed, TooManyRequests
from generations.forms.invitations import InviteForm, TeamForm
from generations.models import Invitation, Membership, Role, Team, User
from generations.permissions import TABLE, VERB_LABELS, Verb, allows, grantable, role_of
from generations.queries.teams.members import members_page, open_invitations
from generations.services.site import mail
from generations.services.teams import invitations, members
from generations.views.site.error_pages import limit_reached
from generations.views.site.formatting import number
from generations.views.site.rendering import render_page
from generations.views.site.requests import absolute_url, enter_team, require_post
from generations.views.teams.member_rows import InvitationRow, MemberRow, invitation_row, member_row

MAX_LISTED = 200
ROLE_CHANGED = {
    Role.VIEWER: gettext_lazy("%(name)s is now a viewer."),
    Role.MEMBER: gettext_lazy("%(name)s is now a member."),
    Role.MANAGER: gettext_lazy("%(name)s is now a manager."),
    Role.OWNER: gettext_lazy("%(name)s is now an owner."),
}


@dataclass(frozen=True)
class InvitationLink:
    """The link of a new invitation, which is shown this one time; `replaced` is the role of an earlier one."""

    url: str
    email: str
    role: str
    replaced: str
    mail_failed: bool


@dataclass(frozen=True)
class VerbRow:
    words: str
    roles: list[bool]


@dataclass(frozen=True)
class MembersPage:
    team: Team
    members: list[MemberRow]
    after: int | None
    invites: bool
    owns: bool
    invitations: list[InvitationRow]
    form: InviteForm
    team_form: TeamForm
    verbs: list[VerbRow]
    role_names: list[str]
    mail_configured: bool
    only_owner: bool
    link: InvitationLink | None


def member_list(request: HttpRequest, team: str) -> HttpResponse:
    """Show the page on GET, invite on POST.

    Without an email the answer shows the invitation link, which cannot be shown again.
    """
    user, found = enter_team(request, team)
    if request.method == "POST":
        require(user, found, Verb.INVITE)
        return _invite(request, user, found)
    return _page(request, user, found)


@require_post
def renew(request: HttpRequest, team: str, invitation: uuid.UUID) -> HttpResponse:
    user, found = enter_team(request, team)
    row = _invitation(user, found, invitation)
    try:
        token = invitations.renew(actor=user, invitation=row, mailed=_mailed(bool(row.email)))
    except GalleryError as error:
        return _refused(request, found, error)
    row = _invitation(user, found, invitation)
    return _sent(request, user, row, token, by_email=bool(row.email))


@require_post
def revoke(request: HttpRequest, team: str, invitation: uuid.UUID) -> HttpResponse:
    user, found = enter_team(request, team)
    row = _invitation(user, found, invitation)
    try:
        gone = invitations.revoke(actor=user, invitation=row)
    except GalleryError as error:
        return _refused(request, found, error)
    messages.success(
        request, _("Invitation revoked.") if gone else _("This invitation has already been used or revoked.")
    )
    return redirect("people", found.slug)


@require_post
def change_role(request: HttpRequest, team: str, member: int) -> HttpResponse:
    user, found = enter_team(request, team)
    row = _member(user, found, member)
    role = request.POST.get("role", "")
    if role not in Role.values:
        raise Http404
    try:
        cancelled = members.change_role(actor=user, membership=row, role=Role(role))
    except Membership.DoesNotExist:
        raise Http404 from None
    except GalleryError as error:
        return _refused(request, found, error)
    messages.success(request, ROLE_CHANGED[Role(role)] % {"name": row.user.display_name} + _cancelled(cancelled))
    return redirect("people", found.slug)


@require_post
def remove(request: HttpRequest, team: str, member: int) -> HttpResponse:
    user, found = enter_team(request, team)
    row = _member(user, found, member)
    try:
        cancelled = members.remove(actor=user, membership=row)
    except Membership.DoesNotExist:
        raise Http404 from None
    except GalleryError as error:
        return _refused(request, found, error)
    said = _("%(name)s was removed from %(team)s.") % {"name": row.user.display_name, "team": found}
    messages.success(request, said + _cancelled(cancelled))
    return redirect("people", found.slug)


@require_post
def leave(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team)
    try:
        cancelled = members.leave(actor=user, team=found)
    except GalleryError as error:
        return _refused(request, found, error)
    messages.success(request, _("You left %(team)s.") % {"team": found} + _cancelled(cancelled))
    return redirect("home" if last_team(user) else "account")


def _member(user: User, team: Team, member: int) -> Membership:
    require(user, team, Verb.INVITE)
    return membership_or_404(team, member)


def _invitation(user: User, team: Team, invitation: uuid.UUID) -> Invitation:
    require(user, team, Verb.INVITE)
    return invitation_or_404(team, invitation)


def _refused(request: HttpRequest, team: Team, error: GalleryError) -> HttpResponse:
    if isinstance(error, NotAllowed):
        raise error
    messages.error(request, error.message)
    return redirect("people", team.slug)


def _cancelled(count: int) -> str:
    if not count:
        return ""
    said = ngettext("%(count)s queued picture was cancelled.", "%(count)s queued pictures were cancelled.", count)
    return f" {said % {'count': number(count)}}"


def _invite(request: HttpRequest, user: User, team: Team) -> HttpResponse:
    form = InviteForm(request.POST, roles=grantable(role_of(user, team)))
    if not form.is_valid():
        return _page(request, user, team, form=form, status=422)
    role, email = Role(form.cleaned_data["role"]), form.cleaned_data["email"]
    by_email = bool(email) and request.POST.get("by") != "link"
    try:
        invitation, token = invitations.invite(
            actor=user, team=team, role=role, email=email, mailed=_mailed(by_email)
        )  # fmt: skip
    except TooManyRequests as error:
        otherwise = _("Or create a link and send it yourself.") if _mailed(by_email) else ""
        form.add_error("email", f"{error.message} {otherwise}".rstrip())
        return limit_reached(_page(request, user, team, form=form), error.until)
    except NotAllowed:
        raise
    except GalleryError as error:
        form.add_error("email", error.message)
        return _page(request, user, team, form=form, status=422)
    return _sent(request, user, invitation, token, by_email=by_email)


def _mailed(by_email: bool) -> bool:
    return by_email and conf().mail_configured


def _sent(request: HttpRequest, user: User, invitation: Invitation, token: str, *, by_email: bool) -> HttpResponse:
    """Send the invitation by email; or show the page with the link, this one time."""
    link = absolute_url(request, reverse("invitation", args=[token]))
    words = {
        "sender": user.display_name, "sender_email": user.email, "team": invitation.team,
        "role": Role(invitation.role).label, "link": link, "until": invitation.expires_at,
        "site": absolute_url(request, "/"),
    }  # fmt: skip
    wanted = _mailed(by_email)
    if wanted and mail.send("invitation", invitation.email, **words):
        messages.success(request, _invited(invitation))
        return redirect("people", invitation.team.slug)
    role = invitation.get_role_display()
    shown = InvitationLink(link, invitation.email, role, _role_name(invitation.replaces), mail_failed=wanted)
    return _page(request, user, invitation.team, link=shown)


def _invited(invitation: Invitation) -> str:
    words = {"email": invitation.email, "role": invitation.get_role_display()}
    if not invitation.replaces:
        return _("Invitation sent to %(email)s. Role: %(role)s.") % words
    words["earlier"] = _role_name(invitation.replaces)
    return (
        _("Invitation sent to %(email)s. Role: %(role)s. It replaces an earlier invitation (role: %(earlier)s).")
        % words
    )


def _role_name(role: str) -> str:
    return str(Role(role).label) if role else ""


def _page(
    request: HttpRequest, user: User, team: Team, *, form: InviteForm | None = None,
    link: InvitationLink | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    role = role_of(user, team)
    after = request.GET.get("after", "")
    rows, further = members_page(team, int(after) if after.isascii() and after.isdigit() and len(after) < 16 else 0)
    roles = grantable(role)
    invites = allows(role, Verb.INVITE)
    page = MembersPage(
        team=team,
        members=[member_row(row, user, roles) for row in rows],
        after=rows[-1].pk if further else None,
        invites=invites,
        owns=allows(role, Verb.OWN),
        invitations=[invitation_row(one, roles) for one in open_invitations(team)[:MAX_LISTED]] if invites else [],
        form=form or InviteForm(roles=roles, initial={"role": Role.MEMBER}),
        team_form=TeamForm(instance=team),
        verbs=[VerbRow(str(VERB_LABELS[verb]), [verb in TABLE[one] for one in Role.values]) for verb in Verb],
        role_names=[str(one.label) for one in Role],
        mail_configured=conf().mail_configured,
        only_owner=role == Role.OWNER and members.is_only_owner(team, user),
        link=link,
    )
    return render_page(request, "teams/members.html", page, status=status)

"""The page of an invitation link. Every invalid token gets the same answer."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters

from generations.errors import InvalidInvitation
from generations.forms.invitations import JoinForm
from generations.models import Invitation, User
from generations.queries.accounts.sessions import has_account
from generations.queries.teams.members import valid_invitation
from generations.services.accounts.sign_in import remember_device
from generations.services.teams import invitations
from generations.views.site.error_pages import not_found
from generations.views.site.formatting import day_and_clock
from generations.views.site.rendering import render_page
from generations.views.site.requests import sensitive_url

INVALID_INVITATION = gettext_lazy(
    "This invitation doesn't work: it was used or revoked, or it has expired. Ask for a new one."
)


@dataclass(frozen=True)
class InvitationPage:
    invitation: Invitation
    sender: str
    role: str
    until: str
    form: JoinForm | None
    has_account: bool
    wrong_person: bool


@method_decorator([login_not_required, sensitive_url, sensitive_post_parameters("password")], name="dispatch")
class InvitationView(View):
    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: object, token: str, **kwargs: object) -> HttpResponse:
        invitation = valid_invitation(token)
        if invitation is None:
            return not_found(request, Http404(str(INVALID_INVITATION)))
        try:
            answer = super().dispatch(request, invitation)
        except InvalidInvitation:
            return not_found(request, Http404(str(INVALID_INVITATION)))
        assert isinstance(answer, HttpResponse)  # noqa: S101  no view of ours is asynchronous
        return answer

    def get(self, request: HttpRequest, invitation: Invitation) -> HttpResponse:
        return _page(request, invitation, JoinForm(email=invitation.email))

    def post(self, request: HttpRequest, invitation: Invitation) -> HttpResponse:
        if isinstance(request.user, User):
            return _accept(request, request.user, invitation)
        form = JoinForm(request.POST, email=invitation.email)
        if not form.is_valid():
            return _page(request, invitation, form, status=422)
        words = {name: form.cleaned_data[name] for name in ("email", "name", "password")}
        try:
            user = invitations.join(invitation=invitation, **words)
        except IntegrityError:
            form.add_error("email", _("This email address already has an account. Sign in, then open the link again."))
            return _page(request, invitation, form, status=422)
        login(request, user)
        messages.success(request, _("Welcome to %(team)s.") % {"team": invitation.team})
        response = redirect("gallery", invitation.team.slug)
        remember_device(request, response, user)
        return response


def _accept(request: HttpRequest, user: User, invitation: Invitation) -> HttpResponse:
    if invitation.email not in {"", user.email}:
        return _page(request, invitation, None, status=403)
    if invitations.accept(actor=user, invitation=invitation):
        messages.success(request, _("Welcome to %(team)s.") % {"team": invitation.team})
    else:
        messages.info(request, _("You're already in %(team)s.") % {"team": invitation.team})
    return redirect("gallery", invitation.team.slug)


def _page(request: HttpRequest, invitation: Invitation, form: JoinForm | None, *, status: int = 200) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    page = InvitationPage(
        invitation=invitation,
        sender=invitation.invited_by.display_name if invitation.invited_by else "",
        role=invitation.get_role_display(),
        until=day_and_clock(invitation.expires_at),
        form=form,
        has_account=not user and has_account(invitation.email),
        wrong_person=user is not None and invitation.email not in {"", user.email},
    )
    return render_page(request, "teams/accept_invitation.html", page, status=status)

"""One of each thing that a page is about, so that every route has an address. Imported after django.setup()."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from allauth.mfa.models import Authenticator
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from generations.models import (
    ApprovalRequest,
    Budget,
    Generation,
    Membership,
    NotificationKind,
    Report,
    ReportReason,
    Role,
    SiteLimit,
    State,
    Team,
    User,
)
from generations.queries.spending.review import month_around
from generations.services.accounts import profile
from generations.services.activity import comments
from generations.services.activity.notifications import notify_approval_request
from generations.services.gallery import presets, saved_searches, tags
from generations.services.orders.approvals import submit_or_request_approval
from generations.services.orders.submit import GenerationRequest
from generations.services.sharing.reports import report_as_member
from generations.services.sharing.share_links import LinkTerms, create_link
from generations.services.spending.sign_off import sign_off
from generations.services.teams import invitations
from tests.factories import clean_values
from tests.infrastructure.authenticator import passkey_for
from tests.sharing import collect

# By the name that routes have for it.
Things = Mapping[str, Sequence[object]]


def create(user: User, team: Team) -> Things:
    """Create one of each in the team of this owner, who is a superuser; return the values of the routes' names."""
    picture = Generation.objects.filter(team=team, state=State.DONE).latest("id")
    shelf = collect(user, team, picture, name="Shelf")
    tags.add(actor=user, team=team, words=["harbour"], generations=[picture])
    comment, _ = comments.write(actor=user, generation=picture, text="A comment.")
    _, of_picture = create_link(actor=user, thing=picture, terms=_terms())
    _, of_shelf = create_link(actor=user, thing=shelf, terms=_terms())
    invitation, of_invitation = invitations.invite(actor=user, team=team, role=Role.VIEWER)
    guest = User.objects.create_user("guest@example.test", "a password of a guest")
    member = Membership.objects.create(user=guest, team=team, role=Role.VIEWER)
    team.approval_above = Decimal(0)
    asked = submit_or_request_approval(actor=user, team=team, order=GenerationRequest(clean_values(prompt="asked"), 2))
    assert isinstance(asked, ApprovalRequest)
    (told,) = notify_approval_request(asked, NotificationKind.REQUESTED, [user.pk])
    report_as_member(actor=guest, generation=picture, reason=ReportReason.OTHER, note="A note.")
    passkey_for(user, "a key")
    month = month_around(timezone.localdate() - timedelta(days=40))
    Team.objects.filter(pk=team.pk).update(created_at=timezone.now() - timedelta(days=90))
    team.refresh_from_db()
    sign_off(actor=user, team=team, month=month)
    SiteLimit.objects.create(hard=Decimal(1000), by_site=True)
    return {
        "team": [team.slug],
        "generation": [picture.pk, *Generation.objects.exclude(pk=picture.pk).values_list("pk", flat=True)[:3]],
        "n": [1],
        "width": [320],
        "collection": [shelf.pk],
        "tag": [tag.pk for tag in team.tags.all()],
        "comment": [comment.pk],
        "saved": [saved_searches.save(actor=user, team=team, name="Harbours", parameters={"q": "harbour"}).pk],
        "preset": [presets.save(actor=user, team=team, name="Posters", model=picture.model, values={"count": "2"}).pk],
        "budget": [Budget.objects.create(team=team, person=user, hard=Decimal(5)).pk],
        "invitation": [invitation.pk],
        "token": [of_picture, of_shelf, of_invitation, profile.email_change_token(user=user, new="new@example.test")],
        "rest": [f"{of_picture}/nothing"],
        "member": [member.user_id],
        "month": [f"{month.first:%Y-%m}"],
        "slug": ["credits"],
        "asked": [asked.pk],
        "report": [Report.objects.get(generation=picture).pk],
        "batch": [picture.batch],
        "notification": [told.pk],
        "passkey": [key.pk for key in Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)],
        "uidb64": [urlsafe_base64_encode(force_bytes(user.pk))],
    }


def _terms() -> LinkTerms:
    return LinkTerms(expires_at=timezone.now() + timedelta(days=1), allow_download=True, show_prompt=True)

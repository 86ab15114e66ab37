"""Inviting people, accepting an invitation, and the name of a team."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.errors import GalleryError
from generations.folding import fold
from generations.models import MAX_COST_CENTRE_LENGTH, Role, Team, User, Visibility
from generations.services.site.cost_centres import clean_cost_centre

MAX_NAME_LENGTH = 100


def one_line(text: str) -> str:
    return " ".join(text.split())


class InviteForm(forms.Form):
    """An invitation; without an email address it becomes a link to pass on."""

    email = forms.EmailField(required=False, max_length=254)
    role = forms.ChoiceField()

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = forms.ChoiceField(choices=[(role.value, role.label) for role in roles])

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class JoinForm(forms.Form):
    """A new account; the email address is fixed when the invitation names one."""

    email = forms.EmailField(max_length=254)
    name = forms.CharField(max_length=MAX_NAME_LENGTH)
    password = forms.CharField(strip=False, max_length=200)

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if email:
            self.fields["email"].disabled = True
            self.initial["email"] = email

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, User(email=self.cleaned_data.get("email", ""), name=self.data.get("name", "")))
        return password


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    name = forms.CharField(max_length=80)
    default_visibility = forms.ChoiceField(
        choices=[
            (Visibility.TEAM.value, gettext_lazy("Everyone in the team")),
            (Visibility.PRIVATE.value, gettext_lazy("Private (creator and managers)")),
        ]
    )
    cost_centre = forms.CharField(required=False, max_length=MAX_COST_CENTRE_LENGTH)
    cost_centre_required = forms.BooleanField(required=False)

    class Meta:
        model = Team
        fields = ["name", "default_visibility", "cost_centre", "cost_centre_required"]

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_cost_centre(self) -> str:
        try:
            return clean_cost_centre(self.cleaned_data["cost_centre"])
        except GalleryError as error:
            raise ValidationError(error.message) from None


class NewTeamForm(forms.Form):
    name = forms.CharField(max_length=80)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_name(self) -> str:
        """Reject a name that another team of the user has; teams of other people may share it."""
        name = one_line(self.cleaned_data["name"])
        if Team.objects.filter(folded_name=fold(name), memberships__user=self.user).exists():
            raise ValidationError(_("You're already in a team with this name. Choose another name."))
        return name

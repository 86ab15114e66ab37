"""Codes, and names of passkeys."""

from django import forms
from django.utils.translation import gettext_lazy as _

from generations.forms.invitations import one_line
from generations.services.accounts.passkeys import MAX_ANSWER_LENGTH

MAX_NAME_LENGTH = 40


class CodeForm(forms.Form):
    """The six digits of the app, or the eight of a recovery code; spaces are ignored."""

    code = forms.CharField(max_length=20)


class AuthenticatorAppForm(CodeForm):
    sealed = forms.CharField(max_length=500)


class ConfirmForm(forms.Form):
    proof = forms.CharField(strip=False, max_length=200)


class PasskeyNameForm(forms.Form):
    name = forms.CharField(max_length=MAX_NAME_LENGTH, initial=_("This device"))

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class PasskeyForm(PasskeyNameForm):
    answer = forms.CharField(max_length=MAX_ANSWER_LENGTH)

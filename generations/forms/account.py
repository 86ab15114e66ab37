"""Signing in, and what a person changes about herself."""

import logging
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, PasswordResetForm
from django.core.exceptions import ValidationError

from generations.forms.invitations import MAX_NAME_LENGTH, one_line
from generations.models import User
from generations.services.accounts import login_throttle
from generations.services.site import mail, rate_limits

logger = logging.getLogger(__name__)


class SignInForm(AuthenticationForm):
    @property
    def wait(self) -> int:
        """Seconds, when the password was not even looked at."""
        return int(getattr(self.request, "guess_wait", 0))

    def get_invalid_login_error(self) -> ValidationError:
        if not self.wait:
            return super().get_invalid_login_error()
        unit = f"{self.wait} second{'' if self.wait == 1 else 's'}"
        return ValidationError(
            f"Too many wrong passwords. Try again in {unit}; a password sent sooner is not looked at."
        )


class NameForm(forms.Form):
    name = forms.CharField(max_length=MAX_NAME_LENGTH)

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class EmailForm(forms.Form):
    """The password, because whoever sits at a browser that was left open could take the account over."""

    email = forms.EmailField(max_length=254)
    current_password = forms.CharField(strip=False, max_length=200)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if email == self.user.email:
            raise ValidationError("This is your address already.")
        return email

    def clean_current_password(self) -> str:
        return own_password(self.user, str(self.cleaned_data["current_password"]))


class NewPasswordForm(PasswordChangeForm):
    """Django's, with the old password counted as everywhere else."""

    def clean_old_password(self) -> str:
        return own_password(self.user, str(self.cleaned_data["old_password"]))


def own_password(user: User, password: str) -> str:
    """The password when it is right. Raises ValidationError; after some wrong ones it is not looked at."""
    who = ("account", str(user.pk))
    if wait := login_throttle.seconds_until_retry(*who):
        raise ValidationError(f"Too many wrong passwords. Try again in {wait} second{'' if wait == 1 else 's'}.")
    if not user.check_password(password):
        login_throttle.record_failure(*who)
        raise ValidationError("This is not your password.")
    login_throttle.clear_failures(*who)
    return password


class ResetPasswordForm(PasswordResetForm):
    """Answer at once, whether the address is known or not: the mail is sent in the background."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Django hands over two templates and a sender as well; a mail of ours needs the context and the address.

        Where the site has sent as many password links as it may for now, nothing is sent and nobody is told here; the
        sweeper tells the administrators.
        """
        context, to = args[2], args[4]
        if rate_limits.has_room("password_mail"):
            mail.send_in_background("password_reset", to, **context)
        else:
            logger.warning("a password link was not sent: the site has sent as many as it may in an hour")

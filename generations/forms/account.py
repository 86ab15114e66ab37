"""Sign-in, name, email address and password of a user."""

import logging
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, PasswordResetForm
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.forms.invitations import MAX_NAME_LENGTH, one_line
from generations.models import User
from generations.services.accounts import login_throttle
from generations.services.site import mail, rate_limits

logger = logging.getLogger(__name__)


class SignInForm(AuthenticationForm):
    @property
    def wait(self) -> int:
        """Return the seconds to wait when the password was not checked, else 0."""
        return int(getattr(self.request, "guess_wait", 0))

    def get_invalid_login_error(self) -> ValidationError:
        if not self.wait:
            return super().get_invalid_login_error()
        return ValidationError(too_many(self.wait))


class NameForm(forms.Form):
    name = forms.CharField(max_length=MAX_NAME_LENGTH)

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class EmailForm(forms.Form):
    """The new address with the password, because a stranger at an open browser could take the account over."""

    email = forms.EmailField(max_length=254)
    current_password = forms.CharField(strip=False, max_length=200)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if email == self.user.email:
            raise ValidationError(_("This is already your email address."))
        return email

    def clean_current_password(self) -> str:
        return own_password(self.user, str(self.cleaned_data["current_password"]))


class NewPasswordForm(PasswordChangeForm):
    """Django's form; the old password counts as a try, as everywhere else."""

    def clean_old_password(self) -> str:
        return own_password(self.user, str(self.cleaned_data["old_password"]))


def own_password(user: User, password: str) -> str:
    """Return the password when it is right.

    Raises ValidationError when it is wrong, and after several wrong ones without checking it.
    """
    who = ("account", str(user.pk))
    if wait := login_throttle.seconds_until_retry(*who):
        raise ValidationError(too_many(wait))
    if not user.check_password(password):
        login_throttle.record_failure(*who)
        raise ValidationError(_("Wrong password. Try again."))
    login_throttle.clear_failures(*who)
    return password


def too_many(wait: int) -> str:
    """Return the refusal of a password that was not checked, with the seconds until the next one is."""
    return ngettext(
        "Too many wrong passwords. Try again in %(count)s second.",
        "Too many wrong passwords. Try again in %(count)s seconds.",
        wait,
    ) % {"count": number_format(wait, force_grouping=True)}


class ResetPasswordForm(PasswordResetForm):
    """Django's form, which answers at once: the email is sent in the background, so the time reveals no account."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send our email from the context and the address, two of the values that Django passes.

        When the site has sent as many of these emails as it may for now, none is sent and the page does not say so; the
        sweeper notifies the administrators.
        """
        context, to = args[2], args[4]
        if rate_limits.has_room("password_mail"):
            mail.send_in_background("password_reset", to, **context)
        else:
            logger.warning("a password link was not sent: the site has sent as many as it may in an hour")

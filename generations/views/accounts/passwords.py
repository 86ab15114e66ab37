"""Changing a known password and resetting a forgotten one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.forms.account import NewPasswordForm, ResetPasswordForm
from generations.services.accounts.profile import password_changed
from generations.services.accounts.sign_in import client_address, remember_device
from generations.services.site import rate_limits
from generations.views.site.requests import absolute_url, sensitive_url

# Session key: the email of the user who set a new password, for the sign-in page.
ADDRESS = "new_password_of"


class ChangePassword(auth.PasswordChangeView):
    template_name = "accounts/password_change.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("password_change_done")

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        """Save the password; Django keeps this browser signed in under a new session key."""
        response: HttpResponse = super().form_valid(form)
        password_changed(user=form.user, but=self.request.session.session_key)
        return response


@method_decorator([login_not_required, sensitive_url], name="dispatch")
class RequestPasswordReset(auth.PasswordResetView):
    form_class = ResetPasswordForm
    template_name = "accounts/forgotten_password.html"
    success_url = reverse_lazy("password_reset_done")

    def form_valid(self, form: Any) -> HttpResponse:
        """Count the request before the account is looked up, so that the answer does not reveal whether it exists.

        Only a network is refused. An address that has used up its emails is answered as usual and gets no email.
        """
        rate_limits.acquire("password_reset", network=client_address(self.request))
        if not rate_limits.has_room("password_reset", address=form.cleaned_data["email"]):
            return redirect(self.get_success_url())
        self.extra_email_context = {"site": absolute_url(self.request, "/").rstrip("/")}
        response: HttpResponse = super().form_valid(form)
        return response


@method_decorator([login_not_required, sensitive_url], name="dispatch")
class ResetEmailSent(auth.PasswordResetDoneView):
    template_name = "accounts/reset_email_sent.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mail_configured=conf().mail_configured, **kwargs)


@method_decorator([login_not_required, sensitive_url], name="dispatch")
class SetNewPassword(auth.PasswordResetConfirmView):
    """The page behind the link of a reset email.

    The token moves into the session first, so that the address of the form does not contain it.
    """

    template_name = "accounts/new_password.html"
    success_url = reverse_lazy("login")

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        password_changed(user=form.user)
        if self.request.user == form.user:
            # Their session in this browser ended with the others; without a new one the next page could not read the
            # values below.
            logout(self.request)
        self.request.session[ADDRESS] = form.user.email
        # The email was theirs: from now on this device can sign in while others are guessing at the account.
        remember_device(self.request, response, form.user)
        messages.success(self.request, _("Password changed. Sign in with the new one."))
        return response

"""Changing a password that is known, and setting one that was forgotten."""

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

from generations.conf import conf
from generations.forms.account import NewPasswordForm, ResetPasswordForm
from generations.services.accounts.profile import password_changed
from generations.services.accounts.sign_in import client_address, remember_device
from generations.services.site import rate_limits
from generations.views.site.requests import sensitive_url

# In the session of whoever set a new password: whose it is, for the sign-in page.
ADDRESS = "new_password_of"


class ChangePassword(auth.PasswordChangeView):
    template_name = "accounts/password_change.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("password_change_done")

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        """Django keeps this browser signed in, under another key."""
        response: HttpResponse = super().form_valid(form)
        password_changed(user=form.user, but=self.request.session.session_key)
        return response


@method_decorator([login_not_required, sensitive_url], name="dispatch")
class RequestPasswordReset(auth.PasswordResetView):
    form_class = ResetPasswordForm
    template_name = "accounts/forgotten_password.html"
    success_url = reverse_lazy("password_reset_done")

    def form_valid(self, form: Any) -> HttpResponse:
        """Counted before anybody looks whether there is such an account, so that no answer tells. Only a network is
        refused; an address that has had its links is answered as always, and gets no more of them.
        """
        rate_limits.acquire("password_reset", network=client_address(self.request))
        if not rate_limits.has_room("password_reset", address=form.cleaned_data["email"]):
            return redirect(self.get_success_url())
        response: HttpResponse = super().form_valid(form)
        return response


@method_decorator([login_not_required, sensitive_url], name="dispatch")
class ResetEmailSent(auth.PasswordResetDoneView):
    template_name = "accounts/reset_email_sent.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mail_configured=conf().mail_configured, **kwargs)


@method_decorator([login_not_required, sensitive_url], name="dispatch")
class SetNewPassword(auth.PasswordResetConfirmView):
    """The link's token goes into the session first, so that the address of the form is no key."""

    template_name = "accounts/new_password.html"
    success_url = reverse_lazy("login")

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        password_changed(user=form.user)
        if self.request.user == form.user:
            # Her session here ended with the others; without a fresh one nothing could be kept for the next page.
            logout(self.request)
        self.request.session[ADDRESS] = form.user.email
        # The email was theirs: from here they get in although somebody guesses at the account.
        remember_device(self.request, response, form.user)
        messages.success(self.request, "Your password is changed. Sign in with it.")
        return response

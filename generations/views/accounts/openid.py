"""Sign-in through an OpenID provider: allauth handles the protocol, the service of the same name decides."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from generations.conf import conf
from generations.errors import GalleryError
from generations.services.accounts.openid import PROVIDER, Identity, NotConnectedError, sign_in_identity
from generations.views.accounts.two_factor_sign_in import proceed, wait_for_password
from generations.views.site.rendering import render_page
from generations.views.site.requests import absolute_url, sensitive_url

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RefusedSignIn:
    why: str
    openid: str


class OpenIdAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """The adapter of settings.SOCIALACCOUNT_ADAPTER; it takes over the answer, so that allauth signs nobody in."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        raise ImmediateHttpResponse(_arrived(request, sociallogin))

    def on_authentication_error(self, request: HttpRequest, provider: Any, **about: Any) -> None:
        logger.warning("OpenID Connect: %s %r", about.get("error"), about.get("exception"))
        raise ImmediateHttpResponse(_unreachable(request))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False


class Client(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth ships no types
    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return absolute_url(request, reverse("openid_callback"))

    @sensitive_variables()
    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Have the signature of the token verified, which allauth skips for a token that it fetched over TLS itself."""
        self.did_fetch_access_token = False
        return super().complete_login(request, app, token, **kwargs)


@login_not_required
@sensitive_url
@require_safe
def redirect_to_provider(request: HttpRequest) -> HttpResponse:
    """Redirect to the provider.

    This is a link and not a form, because `form-action` of our content security policy allows no other site.
    """
    _require_configured()
    target = request.GET.get("next", "")
    inside = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    nonce = secrets.token_urlsafe(16)
    try:
        provider = get_adapter().get_provider(request, PROVIDER)
        provider.oauth2_adapter_class = Client
        response: HttpResponse = provider.redirect(
            request, process="login", next_url=target if inside else None, data=nonce, auth_params={"nonce": nonce}
        )
    # OSError: raised by `requests` when the provider does not answer.
    except (OSError, KeyError, ValueError) as error:
        logger.warning("OpenID Connect: the provider cannot be asked: %r", error)
        return _unreachable(request)
    return response


@login_not_required
@sensitive_url
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    _require_configured()
    try:
        response: HttpResponse = OAuth2CallbackView.adapter_view(Client(request, PROVIDER))(request)
    # The provider left out something that the standard requires.
    except (LookupError, TypeError, ValueError) as error:
        logger.warning("OpenID Connect: the provider's answer cannot be read: %r", error)
        return _unreachable(request)
    return response


def _arrived(request: HttpRequest, sociallogin: SocialLogin) -> HttpResponse:
    said = sociallogin.account.extra_data
    token, more = said.get("id_token") or {}, said.get("userinfo") or {}
    # Token and userinfo must be about the same person and belong to the sign-in that began in this browser.
    sound = (
        _bare(token.get("iss", "")) == _bare(settings.OIDC_ISSUER)
        and token.get("nonce") == sociallogin.state["data"]
        and token.get("sub") == more.get("sub", token.get("sub"))
    )
    if not sound:
        logger.warning("OpenID Connect: the token of %s is not for this sign-in", settings.OIDC_ISSUER)
        return _unreachable(request)
    try:
        identity = _identity(token, more if more.get("email") else token)
        user = sign_in_identity(identity)
    except NotConnectedError as error:
        wait_for_password(request, identity)
        messages.info(request, error.message)
        return redirect("login")
    except GalleryError as error:
        return _refused(request, error.message)
    return proceed(request, user, sociallogin.state.get("next") or resolve_url("home"))


def _identity(token: Mapping[str, object], person: Mapping[str, object]) -> Identity:
    email = str(person.get("email", "")).strip()
    return Identity(
        issuer=_bare(str(token["iss"])),
        subject=str(token["sub"]),
        # `lower()` turns some letters of other scripts into Latin ones, which would make another address.
        email=email.lower() if email.isascii() else email,
        # Some providers send the word "true" instead of a boolean.
        verified=person.get("email_verified") in {True, "true"},
        name=" ".join(str(person.get("name") or "").split())[:100],
    )


def _bare(issuer: str) -> str:
    return issuer.rstrip("/")


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    return render_page(request, "accounts/openid_refused.html", RefusedSignIn(why, conf().openid_name), status=403)


def _unreachable(request: HttpRequest) -> HttpResponse:
    return _refused(request, _("It didn't respond as expected. Try again, or ask a site admin."))


def _require_configured() -> None:
    if not conf().openid_name:
        raise Http404

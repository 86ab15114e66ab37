"""Settings of allauth, which provides second factors and OpenID Connect; pages and permissions are the site's own."""

from django.core.exceptions import ImproperlyConfigured


def allauth_settings(*, issuer: str, name: str, client_id: str, secret: str) -> dict[str, object]:
    """Return them; without an issuer OpenID Connect is off. Raises ImproperlyConfigured without a client id."""
    if issuer and not client_id:
        raise ImproperlyConfigured(
            "OIDC_CLIENT_ID is empty while OIDC_ISSUER is set; set it to what the provider calls this site."
        )
    provider = {
        "provider_id": "openid",
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
    }
    return {
        "MFA_ADAPTER": "generations.services.accounts.two_factor.MfaAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes", "webauthn"],
        "MFA_TOTP_ISSUER": "HiDream Gallery",
        # The clocks of phones are off by some seconds, and typing takes some.
        "MFA_TOTP_TOLERANCE": 1,
        # A passkey replaces the password too, so the user must unlock the device.
        "MFA_WEBAUTHN_USER_VERIFICATION": "required",
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_ADAPTER": "generations.views.accounts.openid.OpenIdAdapter",
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": [provider] if issuer else []}},
        "SOCIALACCOUNT_REQUESTS_TIMEOUT": 10,
    }

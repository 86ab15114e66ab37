"""The user's second factors."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from generations.models import User

KINDS = Authenticator.Type


@dataclass(frozen=True)
class SecondFactor:
    """What the user has set up; true if that can authenticate them.

    `app` is None without an authenticator app. `codes` exist only as long as there is an app or a passkey.
    """

    app: Authenticator | None
    passkeys: list[Authenticator]
    codes: Authenticator | None

    def __bool__(self) -> bool:
        return self.app is not None or bool(self.passkeys)


def second_factor_of(user: User) -> SecondFactor:
    """Return the user's app, passkeys and recovery codes."""
    rows = list(authenticators(user).order_by("id"))
    return SecondFactor(
        app=next((row for row in rows if row.type == KINDS.TOTP), None),
        passkeys=[row for row in rows if row.type == KINDS.WEBAUTHN],
        codes=next((row for row in rows if row.type == KINDS.RECOVERY_CODES), None),
    )


def has_second_factor(user: User) -> bool:
    """Return whether the user has an app or a passkey; recovery codes alone do not count."""
    return authenticators(user).exclude(type=KINDS.RECOVERY_CODES).exists()


def passkeys_of(user: User) -> "QuerySet[Authenticator]":
    """Return the user's passkeys."""
    return authenticators(user).filter(type=KINDS.WEBAUTHN)


def authenticators(user: User) -> "QuerySet[Authenticator]":
    """Return everything the user has set up, recovery codes included."""
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=user)
    return rows

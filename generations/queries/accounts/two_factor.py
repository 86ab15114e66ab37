"""What a person has beside her password."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from generations.models import User

KINDS = Authenticator.Type


@dataclass(frozen=True)
class SecondFactor:
    """`app` is None without an authenticator app; the codes are kept as long as there is something to replace."""

    app: Authenticator | None
    passkeys: list[Authenticator]
    codes: Authenticator | None

    def __bool__(self) -> bool:
        return self.app is not None or bool(self.passkeys)


def second_factor_of(user: User) -> SecondFactor:
    rows = list(authenticators(user).order_by("id"))
    return SecondFactor(
        app=next((row for row in rows if row.type == KINDS.TOTP), None),
        passkeys=[row for row in rows if row.type == KINDS.WEBAUTHN],
        codes=next((row for row in rows if row.type == KINDS.RECOVERY_CODES), None),
    )


def has_second_factor(user: User) -> bool:
    return authenticators(user).exclude(type=KINDS.RECOVERY_CODES).exists()


def passkeys_of(user: User) -> "QuerySet[Authenticator]":
    return authenticators(user).filter(type=KINDS.WEBAUTHN)


def authenticators(user: User) -> "QuerySet[Authenticator]":
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=user)
    return rows

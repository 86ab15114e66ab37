"""Passkeys: registration and sign-in. The challenge is kept in the session, so that an answer is accepted once."""

import json
from collections.abc import Mapping

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from generations.errors import GalleryError
from generations.models import User
from generations.services.accounts import two_factor

MAX_ANSWER_LENGTH = 20_000
# What the library raises for a malformed or forged answer.
HOSTILE = (
    ValidationError, InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, LookupError, AttributeError,
    RecursionError,
)  # fmt: skip
REFUSED = _("The passkey wasn't accepted. Try again.")


def registration_challenge(*, user: User) -> str:
    """Return the options, as JSON, for a passkey that also replaces the password: discoverable, user verified."""
    return _text(auth.begin_registration(user, passwordless=True))


def sign_in_challenge(*, user: User | None = None) -> str:
    """Return the options, as JSON; without a user any passkey may answer, and the passkey names the user."""
    return _text(auth.begin_authentication(user))


def add(*, user: User, name: str, answer: str) -> list[str]:
    """Add a passkey and return the recovery codes if these are the first, else an empty list.

    Raises GalleryError when the answer is not accepted, and what `two_factor.add_passkey` raises.
    """
    try:
        credential = _read(answer)
        auth.complete_registration(credential)
    except HOSTILE as error:
        raise GalleryError(str(REFUSED)) from error
    return two_factor.add_passkey(user=user, name=name, credential=credential)


def is_valid_answer(*, answer: str, user: User | None = None) -> User | None:
    """Return the active user whose passkey gave the answer; None for an invalid answer or another user's passkey."""
    try:
        given = _read(answer)
        owner = user or auth.extract_user_from_response(given)
        passkey: Authenticator = auth.complete_authentication(owner, given)
    except HOSTILE:
        return None
    passkey.record_usage()
    return owner if isinstance(owner, User) and owner.is_active else None


def rename(*, passkey: Authenticator, name: str) -> None:
    """Rename a passkey."""
    passkey.data["name"] = name
    passkey.save(update_fields=["data"])


def _text(options: Mapping[str, object]) -> str:
    return json.dumps(options["publicKey"])


def _read(answer: str) -> dict[str, object]:
    read = json.loads(answer[:MAX_ANSWER_LENGTH])
    if not isinstance(read, dict):
        raise TypeError(read)
    return read

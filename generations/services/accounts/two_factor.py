"""Second factors: an authenticator app, passkeys, and recovery codes that replace them."""

import hmac
import logging
from collections.abc import Mapping
from enum import StrEnum

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.fernet import InvalidToken
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.errors import GalleryError
from generations.models import User
from generations.queries.accounts.two_factor import (
    KINDS,
    authenticators,
    has_second_factor,
    passkeys_of,
    second_factor_of,
)
from generations.services.accounts import login_throttle
from generations.services.site import mail, rate_limits
from generations.services.site.encryption import cipher, encrypt, reencrypt

SITE = "HiDream Gallery"
PURPOSE = "second-factor"
MAX_PASSKEYS = 10
FORM_SECONDS = 3600
# What of an authenticator's data is encrypted: of an app, and of recovery codes.
ENCRYPTED = {"secret", "seed"}
logger = logging.getLogger(__name__)


class Change(StrEnum):
    """What the user is told of by email; templates/mail/two_factor.txt has a sentence for each."""

    APP_ADDED = "app added"
    APP_REMOVED = "app removed"
    PASSKEY_ADDED = "passkey added"
    PASSKEY_REMOVED = "passkey removed"
    NEW_CODES = "new recovery codes"
    REMOVED_BY_ADMIN = "removed by a site admin"


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """settings.MFA_ADAPTER: secrets are stored encrypted, so that a copy of the database alone is useless."""

    def encrypt(self, text: str) -> str:
        return encrypt(PURPOSE, text)

    def decrypt(self, encrypted_text: str) -> str:
        return cipher(PURPOSE).decrypt(encrypted_text).decode()

    def _get_site_name(self) -> str:
        return SITE

    def get_totp_label(self, user: User) -> str:
        return user.email


@transaction.atomic
def reencrypt_all() -> tuple[int, int]:
    """Encrypt every secret with the present key; return how many there are, and how many no key can read."""
    count = unreadable = 0
    for authenticator in Authenticator.objects.select_for_update().order_by("pk"):
        for name in ENCRYPTED.intersection(authenticator.data):
            renewed = reencrypt(PURPOSE, authenticator.data[name])
            authenticator.data[name] = renewed or authenticator.data[name]
            count += renewed is not None
            unreadable += renewed is None
        authenticator.save(update_fields=["data"])
    return count, unreadable


def draw_secret(*, user: User) -> tuple[str, str]:
    """Return a new secret for an app, and the same encrypted for the form; nothing is stored until it is confirmed."""
    secret = generate_totp_secret()
    return secret, MfaAdapter().encrypt(f"{user.pk} {secret}")


def decrypt_secret(*, user: User, sealed: str) -> str:
    """Return the secret of a form; empty unless it was created for this user within the last hour."""
    try:
        whose, _, secret = cipher(PURPOSE).decrypt(sealed, ttl=FORM_SECONDS).decode().partition(" ")
    except (InvalidToken, ValueError):
        return ""
    return secret if whose == str(user.pk) else ""


def totp_url(*, user: User, secret: str) -> str:
    """Return the `otpauth://` URL that the QR code encodes."""
    return str(MfaAdapter().build_totp_url(user, secret))


@transaction.atomic
def add_app(*, user: User, secret: str, code: str) -> list[str]:
    """Add an authenticator app; return the recovery codes if these are the first, else an empty list.

    Raises GalleryError for a wrong code or when there is an app already, and TooManyRequests.
    """
    counter = _counter_of(secret, code)
    if counter is None:
        raise GalleryError(_("This isn't the code that the app shows now. Check that your phone's clock is right."))
    rate_limits.acquire("security_change", user=user)
    try:
        with transaction.atomic():
            app = TOTP.activate(user, secret).instance
    except IntegrityError as error:
        raise GalleryError(_("You already have an authenticator app. Remove it first.")) from error
    _use_counter(app, counter)
    _tell(user, Change.APP_ADDED)
    return _first_codes(user)


@transaction.atomic
def add_passkey(*, user: User, name: str, credential: Mapping[str, object]) -> list[str]:
    """Add a passkey whose credential was verified; return recovery codes as `add_app` does.

    Raises GalleryError when the account has MAX_PASSKEYS already, and TooManyRequests.
    """
    rate_limits.acquire("security_change", user=user)
    User.objects.select_for_update().get(pk=user.pk)
    if passkeys_of(user).count() >= MAX_PASSKEYS:
        raise GalleryError(
            ngettext(
                "You can have at most %(count)s passkey. Remove it first.",
                "You can have at most %(count)s passkeys. Remove one first.",
                MAX_PASSKEYS,
            )
            % {"count": number_format(MAX_PASSKEYS)}
        )
    WebAuthn.add(user, name, credential)
    _tell(user, Change.PASSKEY_ADDED, passkey=name)
    return _first_codes(user)


@transaction.atomic
def remove(*, user: User, authenticator: Authenticator) -> None:
    """Remove an app or a passkey; with the last one the recovery codes are deleted too."""
    if not authenticators(user).filter(pk=authenticator.pk).delete()[0]:
        return
    if not has_second_factor(user):
        authenticators(user).delete()
    if authenticator.type == KINDS.TOTP:
        _tell(user, Change.APP_REMOVED)
    else:
        _tell(user, Change.PASSKEY_REMOVED, passkey=str(authenticator))


@transaction.atomic
def remove_all(*, user: User) -> int:
    """Remove every second factor, for a site administrator; return how many, recovery codes not counted."""
    removed = len(list(authenticators(user).exclude(type=KINDS.RECOVERY_CODES)))
    authenticators(user).delete()
    if removed:
        _tell(user, Change.REMOVED_BY_ADMIN)
    return removed


@transaction.atomic
def new_codes(*, user: User) -> list[str]:
    """Replace the recovery codes. Raises GalleryError when the user has no second factor, and TooManyRequests."""
    rate_limits.acquire("security_change", user=user)
    User.objects.select_for_update().get(pk=user.pk)
    if not has_second_factor(user):
        raise GalleryError(_("Set up an authenticator app or passkey first. Recovery codes are for when you lose it."))
    authenticators(user).filter(type=KINDS.RECOVERY_CODES).delete()
    _tell(user, Change.NEW_CODES)
    return list(RecoveryCodes.activate(user).generate_codes())


def codes_left(codes: Authenticator | None) -> int:
    """Return the number of unused recovery codes; 0 when there are none or they cannot be decrypted."""
    try:
        return len(RecoveryCodes(codes).get_unused_codes()) if codes else 0
    except InvalidToken:
        return 0


def wait_for_code(*who: str) -> int:
    """Return the seconds until the next code may be checked, 0 if this one may be, and count the try.

    It is counted before the code is checked, so that tries at the same moment are all counted.
    """
    if wait := login_throttle.seconds_until_retry("code", *who):
        return wait
    login_throttle.record_failure("code", *who)
    return 0


def use_code(*, user: User, code: str, who: tuple[str, ...]) -> bool:
    """Return whether the code is the app's or a recovery code and was not used before; call `wait_for_code` first."""
    code = "".join(code.split())
    if not (code.isascii() and code.isdigit()) or not _takes(user, code):
        return False
    login_throttle.clear_failures("code", *who)
    return True


@transaction.atomic
def _takes(user: User, code: str) -> bool:
    """Check and use up a code, under a lock, so that the same code twice at the same moment is accepted once."""
    User.objects.select_for_update().get(pk=user.pk)
    held = second_factor_of(user)
    try:
        if held and held.codes is not None and RecoveryCodes(held.codes).validate_code(code):
            held.codes.record_usage()
            return True
        if held.app is None or (counter := _counter_of(decrypt(held.app.data["secret"]), code)) is None:
            return False
    except InvalidToken:
        logger.error("the second factor of %s cannot be read: DJANGO_SECRET_KEY has changed", user)
        return False
    return _use_counter(held.app, counter)


def _counter_of(secret: str, code: str) -> int | None:
    """Return the time step in which the app shows this code; None if it is in no accepted one."""
    code = "".join(code.split())
    for counter in yield_hotp_counters_from_time():
        if hmac.compare_digest(format_hotp_value(hotp_value(secret, counter)).encode(), code.encode()):
            return int(counter)
    return None


def _use_counter(app: Authenticator, counter: int) -> bool:
    """Record the time step as used; return False if it, or a later one, was used before."""
    if counter <= app.data.get("used", 0):
        return False
    app.data["used"] = counter
    app.last_used_at = timezone.now()
    app.save(update_fields=["data", "last_used_at"])
    return True


def _first_codes(user: User) -> list[str]:
    if second_factor_of(user).codes is not None:
        return []
    return list(RecoveryCodes.activate(user).generate_codes())


def _tell(user: User, change: Change, *, passkey: str = "") -> None:
    logger.info("second factor of %s: %s %s", user, change.value, passkey)
    words = {"name": user.display_name, "change": change.value, "passkey": passkey, "at": timezone.now()}
    transaction.on_commit(lambda: mail.send_in_background("two_factor", user.email, **words))

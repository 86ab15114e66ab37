"""Sign-in with a password: throttling, known devices, and confirmation of a recent sign-in."""

import secrets
import time
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from generations.models import AuditAction, User
from generations.models.sessions import MAX_USER_AGENT_LENGTH
from generations.services.accounts import login_throttle
from generations.services.site import audit
from hidream_site.proxies import network_of

DEVICE_COOKIE = "device"
SALT = "generations.device"
YEAR = 365 * 24 * 3600
# Accounts that one browser is remembered for; with a further account the oldest is forgotten.
MAX_ACCOUNTS = 8
# Free tries at one account from all unknown devices together; after that the throttle applies to all of them.
UNKNOWN_DEVICES, FREE_OF_UNKNOWN = "unknown devices", 50
CONFIRMED = "confirmed_at"
CONFIRMED_SECONDS = 15 * 60


class ThrottledModelBackend(ModelBackend):
    """Password backend with the login throttle, for the sign-in page and the admin.

    Tries are counted twice: per account and network, and per account over all networks, so that many networks together
    are throttled as well. A browser in which this account was signed in before is counted alone (OWASP's device
    cookie), so that password guessing by others does not lock the owner out, not even from the same address.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the user; raise PermissionDenied, with `request.guess_wait` in seconds, while the throttle applies."""
        if request is None or username is None or password is None:
            return super().authenticate(request, username, password, **kwargs)
        email = username.strip().lower()
        who, is_known = _who(request, email)
        if wait := _seconds_to_wait(who, email, is_known=is_known):
            request.guess_wait = wait  # type: ignore[attr-defined]  # the form says how long
            # Raised before the account is looked up, so that the response time does not show whether it exists.
            raise PermissionDenied
        user = super().authenticate(request, username, password, **kwargs)
        if user is None:
            login_throttle.record_failure(*who)
        else:
            login_throttle.clear_failures(*who)
            if not is_known:
                login_throttle.record_failure(UNKNOWN_DEVICES, email, count=-1)
        return user


def _seconds_to_wait(who: tuple[str, ...], email: str, *, is_known: bool) -> int:
    """Return the seconds to wait, 0 if the password may be checked now.

    Both throttles are read before either counts the try: a refused try takes no gate, so guessing over many networks
    does not make the user's own wait longer.
    """
    if is_known:
        return login_throttle.seconds_until_retry(*who)
    left = login_throttle.seconds_left(*who), login_throttle.seconds_left(UNKNOWN_DEVICES, email, free=FREE_OF_UNKNOWN)
    return max(left) or login_throttle.seconds_until_retry(*who) or _wait_of_unknown(email)


def _wait_of_unknown(email: str) -> int:
    """Return the seconds to wait for unknown devices, and count the try.

    It is counted before the password is checked, so that tries at the same moment are all counted.
    """
    if wait := login_throttle.seconds_until_retry(UNKNOWN_DEVICES, email, free=FREE_OF_UNKNOWN):
        return wait
    if login_throttle.record_failure(UNKNOWN_DEVICES, email) == FREE_OF_UNKNOWN:
        audit.log_event("guessed from many networks", account=audit.account_hash(email))
    return 0


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Set the device cookie, which shows that this account was signed in here; it authenticates nobody."""
    account = _account(user.email)
    others = {name: device for name, device in _devices(request).items() if name != account}
    kept = dict(list(others.items())[1 - MAX_ACCOUNTS :])
    value = signing.dumps({**kept, account: secrets.token_urlsafe(12)}, salt=SALT)
    response.set_cookie(
        DEVICE_COOKIE, value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
    )  # fmt: skip


def two_factor_throttle_key(request: HttpRequest, user: User) -> tuple[str, ...]:
    """Return the throttle's key for second-factor codes: this device, or one key for all unknown devices together.

    Codes are short and the password is known at this step, hence no separate count per network.
    """
    device = _device(request, user.email)
    return ("device", user.email, device) if device else ("account", user.email)


def confirm(request: HttpRequest) -> None:
    """Record in the session that the user has just authenticated."""
    request.session[CONFIRMED] = time.time()


def is_confirmed(request: HttpRequest) -> bool:
    """Return whether the user has authenticated within CONFIRMED_SECONDS."""
    return bool(time.time() - request.session.get(CONFIRMED, 0) < CONFIRMED_SECONDS)


def _who(request: HttpRequest, email: str) -> tuple[tuple[str, ...], bool]:
    """Return the throttle's key for this browser, and whether the account knows the device."""
    if device := _device(request, email):
        return ("device", email, device), True
    return ("address", email, network_of(client_address(request))), False


def _device(request: HttpRequest, email: str) -> str:
    return _devices(request).get(_account(email), "")


def _devices(request: HttpRequest) -> dict[str, str]:
    """Return the device ids in this browser's cookie, by account hash; empty for a forged or expired cookie."""
    try:
        said = signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt=SALT, max_age=YEAR)
    except signing.BadSignature:
        return {}
    return {str(account): str(device) for account, device in said.items()}


def _account(email: str) -> str:
    """Return a keyed hash of the email, so that a shared browser does not show who was signed in there."""
    return salted_hmac(SALT, email, algorithm="sha256").hexdigest()[:16]


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address; hidream_site/proxies.py has resolved the trusted proxies."""
    return str(request.META.get("REMOTE_ADDR", ""))


@receiver(user_logged_in)
def _note_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    request.session["agent"] = request.headers.get("User-Agent", "")[:MAX_USER_AGENT_LENGTH].replace("\0", "")
    audit.record_event(AuditAction.SIGNED_IN, actor=user, subject=user)
    confirm(request)

"""Signing in: who guesses is slowed down, and a browser that was in before is not held up by strangers."""

import secrets
import time
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from generations.conf import conf
from generations.models import Deed, User
from generations.models.sessions import LONGEST_AGENT
from generations.services import audit, guesses

DEVICE_COOKIE = "device"
SALT = "generations.device"
YEAR = 365 * 24 * 3600
CONFIRMED = "confirmed_at"
CONFIRMED_SECONDS = 15 * 60


class PatientBackend(ModelBackend):
    """Every door asks it: the sign-in page and the admin's.

    Tries are counted for an account and the address they come from. A browser in which this account was signed in
    before counts for itself, so that whoever guesses, even from the same address, does not lock its owner out.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if request is None or username is None or password is None:
            return super().authenticate(request, username, password, **kwargs)
        who = _who(request, username.strip().lower())
        if wait := guesses.must_wait(*who):
            request.guess_wait = wait  # type: ignore[attr-defined]  # the form says how long
            # Known or not, nothing was looked at: the time it takes says nothing.
            raise PermissionDenied
        user = super().authenticate(request, username, password, **kwargs)
        if user is None:
            guesses.note_wrong(*who)
        else:
            guesses.forget(*who)
        return user


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Says no more than that this account was signed in here; it opens nothing."""
    value = signing.dumps([user.email, secrets.token_urlsafe(12)], salt=SALT)
    response.set_cookie(
        DEVICE_COOKIE, value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
    )  # fmt: skip


def who_tries_codes(request: HttpRequest, user: User) -> tuple[str, ...]:
    """Codes are short and the password is known to whoever gets this far, so all strangers together are one."""
    device = _device(request, user.email)
    return ("device", user.email, device) if device else ("account", user.email)


def confirm(request: HttpRequest) -> None:
    """The person has just shown who she is."""
    request.session[CONFIRMED] = time.time()


def is_confirmed(request: HttpRequest) -> bool:
    return bool(time.time() - request.session.get(CONFIRMED, 0) < CONFIRMED_SECONDS)


def _who(request: HttpRequest, email: str) -> tuple[str, ...]:
    device = _device(request, email)
    return ("device", email, device) if device else ("address", email, client_address(request))


def _device(request: HttpRequest, email: str) -> str:
    try:
        known, device = signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt=SALT, max_age=YEAR)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if known == email else ""


def client_address(request: HttpRequest) -> str:
    """Where the request comes from. What the proxy wrote last counts, where there is one; else anybody writes it."""
    forwarded = request.headers.get("X-Forwarded-For", "") if conf().behind_proxy else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


@receiver(user_logged_in)
def _note_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    request.session["agent"] = request.headers.get("User-Agent", "")[:LONGEST_AGENT].replace("\0", "")
    audit.note(Deed.SIGNED_IN, actor=user, subject=user)
    confirm(request)

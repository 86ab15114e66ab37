"""Encryption of stored secrets with keys derived from DJANGO_SECRET_KEY, so that a copy of the database is useless."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


def cipher(purpose: str) -> MultiFernet:
    """Return the cipher of a purpose: it encrypts with the present key and also reads what the fallbacks encrypted."""
    label = f"generations.{purpose}".encode()
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = [hmac.digest(force_bytes(key), label, hashlib.sha256) for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def encrypt(purpose: str, text: str) -> str:
    """Return the text encrypted for this purpose, as ASCII."""
    return cipher(purpose).encrypt(text.encode()).decode()


def decrypt(purpose: str, encrypted: str) -> str | None:
    """Return the text; None if no key reads it, because it is damaged or DJANGO_SECRET_KEY has changed."""
    try:
        return cipher(purpose).decrypt(encrypted).decode()
    except InvalidToken:
        return None


def reencrypt(purpose: str, encrypted: str) -> str | None:
    """Return the same text encrypted with the present key; None if no key reads it."""
    try:
        return cipher(purpose).rotate(encrypted).decode()
    except InvalidToken:
        return None

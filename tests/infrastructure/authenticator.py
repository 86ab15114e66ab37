"""An authenticator app as RFC 6238 describes it, its setup, and a passkey as the site stores it."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import struct
import time

from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from generations.services.accounts import two_factor

STEP_SECONDS = 30


def code_of(secret, *, steps=0, at=None):
    """Return the code that the app shows `steps` half minutes from now."""
    counter = int((time.time() if at is None else at) // STEP_SECONDS) + steps
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", counter), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def set_up_app(user):
    """Return the secret of the app and the recovery codes.

    The code of the last half minute is used up, the current one is not.
    """
    secret, _ = two_factor.draw_secret(user=user)
    return secret, two_factor.add_app(user=user, secret=secret, code=code_of(secret, steps=-1))


def secret_on(page):
    return re.search(r'id="secret"[^>]*>([A-Z2-7]+)<', page.content.decode())[1]


def sealed_on(page):
    return re.search(r'name="sealed" value="([^"]+)"', page.content.decode())[1]


def passkey_for(user, name):
    """Add a well-formed passkey without a private key; return its id, and recovery codes if it is the first."""
    identity = secrets.token_bytes(32)
    public = ES256({1: 2, 3: -7, -1: 1, -2: secrets.token_bytes(32), -3: secrets.token_bytes(32)})
    held = AttestedCredentialData.create(bytes(16), identity, public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flags, 0, held)
    client_data = {"type": "webauthn.create", "challenge": "AAAA", "origin": "https://testserver"}
    credential = {
        "id": websafe_encode(identity),
        "rawId": websafe_encode(identity),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(client_data).encode()),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    return credential["id"], two_factor.add_passkey(user=user, name=name, credential=credential)

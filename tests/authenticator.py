"""An authenticator app as RFC 6238 describes it, and what a person does with it."""

import base64
import hmac
import re
import struct
import time

from generations.services import second_factor

STEP_SECONDS = 30


def code_of(secret, *, steps=0, at=None):
    """What the app shows `steps` half minutes from now."""
    counter = int((time.time() if at is None else at) // STEP_SECONDS) + steps
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", counter), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def set_up_app(user):
    """The app's secret and the recovery codes. The code of the last half minute is spent, this one's is not."""
    secret, _ = second_factor.draw_secret(user=user)
    return secret, second_factor.add_app(user=user, secret=secret, code=code_of(secret, steps=-1))


def secret_on(page):
    return re.search(r'id="secret">([A-Z2-7]+)<', page.content.decode())[1]


def sealed_on(page):
    return re.search(r'name="sealed" value="([^"]+)"', page.content.decode())[1]

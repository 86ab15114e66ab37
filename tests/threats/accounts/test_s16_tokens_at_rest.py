"""Threat S16: a copy of the database contains no key that still gives access."""

import base64
import logging
import re
import threading
import zlib

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.db import connection
from django.test import Client

from generations.models import Invitation, Session, ShareLink
from tests.factories import PASSWORD
from tests.threats.log import written

pytestmark = pytest.mark.django_db


def dump():
    """Return every cell of every table, and the content of sessions."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            parts += [str(cell) for row in cursor.fetchall() for cell in row]
    return "\n".join(parts)


def unpacked():
    """Yield the content of sessions, which Django signs but does not encrypt."""
    for data in Session.objects.values_list("session_data", flat=True):
        packed = data.split(":")[0].lstrip(".")
        plain = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        yield (zlib.decompress(plain) if data.startswith(".") else plain).decode()


def link_in_letter(path):
    for thread in threading.enumerate():
        if thread.name == "letter":
            thread.join()
    return next(found for letter in mail.outbox for found in re.findall(rf"({path}[\w:./-]+)", str(letter.body)))


@pytest.fixture
def keys(as_, alice, picture):
    """Create tokens through the pages; each gives access to something."""
    client = as_(alice)
    shown = client.post("/t/harbour/people/", {"role": "member", "by": "link"}).content.decode()
    made = client.post(f"/g/{picture.id}/share", {"expires": "7"}, follow=True).content.decode()
    client.post("/accounts/email", {"email": "new@example.test", "current_password": PASSWORD})
    change = link_in_letter("/accounts/email/")
    mail.outbox.clear()
    Client().post("/accounts/reset/", {"email": alice.email})
    found = {
        "invitation": re.findall(r"/invitation/([\w-]{43})/", shown)[0],
        "share": re.findall(r"/s/([\w-]{43})/", made)[0],
        "address": change.split("/")[3],
        "reset": link_in_letter("/accounts/reset/").split("/")[4],
    }
    opened = [f"/invitation/{found['invitation']}/", f"/s/{found['share']}/", change]
    assert [Client().get(url).status_code for url in opened] == [200] * 3
    return found


def test_s16_database_holds_no_key_that_opens_something(keys):
    text = dump() + "\n".join(unpacked())

    assert [name for name, key in keys.items() if key in text] == []
    assert Invitation.objects.get().token_hash in text
    assert ShareLink.objects.get().token_hash in text
    assert PASSWORD not in text


def test_s16_hash_of_a_key_is_no_key(keys):
    for url in (f"/invitation/{Invitation.objects.get().token_hash}/", f"/s/{ShareLink.objects.get().token_hash}/"):
        assert Client().get(url).status_code == 404


def test_s16_log_names_no_key(keys, settings):
    """Uses the configured formatter; the token is found, refused, used by the wrong user, and damaged."""
    settings.DEBUG = False
    urls = [f"/invitation/{keys['invitation']}/", f"/s/{keys['share']}/", f"/accounts/email/{keys['address']}/",
            f"/accounts/reset/MQ/{keys['reset']}/"]  # fmt: skip
    with written(logging.DEBUG) as out:
        for url in urls:
            for client in (Client(), Client(enforce_csrf_checks=True)):
                client.get(url)
                client.get(f"{url}x/y")
                client.put(url)
            Client(enforce_csrf_checks=True).post(url)
            logging.getLogger("any").error("at http://host%s", url, exc_info=ValueError(f"in {url}"))
        Client().post(urls[0], {"email": "x", "password": "short"})

    assert "/invitation/…" in out.getvalue()
    assert [name for name, key in keys.items() if key in out.getvalue()] == []
    assert django_settings.DEBUG is False

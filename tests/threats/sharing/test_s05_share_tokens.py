"""Threat S5 (docs: reliability, share links): no wrong use of a token reveals more than that nothing is there.

Every wrong use is sent to the real views; each answer must be the same 404 page, byte for byte, with the same headers.
"""

import logging
import secrets
import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import import_string

from generations.models import Collection, CollectionItem, Generation, Membership, Role, ShareLink, User, Visibility
from generations.services.sharing.share_links import revoke
from tests.factories import draw, make_person
from tests.sharing import addresses, collect, outsider, share

pytestmark = pytest.mark.django_db
WRONG_USES = 500
TELLING = {"X-Request-ID"}  # differs in every answer of the site


@pytest.fixture
def rows(bob, team, emulator):
    return [draw(bob, team) for _ in range(3)]


def answer(client, url):
    response = client.get(url)
    headers = {name: value for name, value in response.items() if name not in TELLING}
    return response.status_code, response.getvalue(), tuple(sorted(headers.items()))


def all_of(base, *rows):
    return [base, *(url for row in rows for url in (*addresses(base, row), f"{base}{row.id}/report"))]


@pytest.fixture
def nothing():
    """Return the answer of an address that never was a link."""
    found = answer(outsider(), f"/s/{secrets.token_urlsafe(32)}/")
    assert found[0] == 404
    assert b"available" in found[1]
    return found


@pytest.fixture
def is_nothing(nothing):
    def check(urls):
        client = outsider()
        differing = [url for url in urls if answer(client, url) != nothing]
        assert differing == []
        return len(urls)

    return check


def expire(link, **_):
    ShareLink.objects.filter(id=link.id).update(expires_at=timezone.now() - timedelta(seconds=1))


def revoked(link, bob, team, **_):
    revoke(actor=bob, team=team, links=[link.id])


def leave(bob, **_):
    Membership.objects.filter(user=bob).delete()


def demote(bob, **_):
    Membership.objects.filter(user=bob).update(role=Role.VIEWER)


def deactivate(bob, **_):
    User.objects.filter(pk=bob.pk).update(is_active=False)


def delete_person(bob, **_):
    bob.delete()


def trash(rows, **_):
    Generation.objects.filter(id__in=[row.id for row in rows]).update(deleted_at=timezone.now())


def purge(rows, **_):
    now = timezone.now()
    Generation.objects.filter(id__in=[row.id for row in rows]).update(deleted_at=now, purged_at=now)


def fail(rows, **_):
    Generation.objects.filter(id__in=[row.id for row in rows]).update(state="failed")


def make_private(rows, alice, **_):
    """Make the pictures private and of another author, since bob shares alice's picture."""
    Generation.objects.filter(id__in=[row.id for row in rows]).update(visibility=Visibility.PRIVATE, author=alice)


ENDS_LINK = [expire, revoked, leave, demote, deactivate, delete_person]
HIDES_PICTURES = [trash, purge, fail, make_private]


@pytest.mark.parametrize("ending", [*ENDS_LINK, *HIDES_PICTURES], ids=lambda ending: ending.__name__)
def test_s5_link_to_a_picture_ends_at_the_next_request(alice, bob, team, rows, is_nothing, ending):
    link, base = share(bob, rows[0], allow_download=True)
    assert [outsider().get(url).getvalue() != b"" for url in all_of(base, rows[0])] == [True] * 8

    ending(link=link, bob=bob, team=team, rows=rows, alice=alice)

    is_nothing(all_of(base, rows[0]))


@pytest.mark.parametrize("ending", ENDS_LINK, ids=lambda ending: ending.__name__)
def test_s5_link_to_a_collection_ends_at_the_next_request(alice, bob, team, rows, is_nothing, ending):
    link, base = share(bob, collect(alice, team, *rows), allow_download=True)
    assert outsider().get(base).status_code == 200
    assert outsider().get(f"{base}zip").getvalue()[:2] == b"PK"

    ending(link=link, bob=bob, team=team, rows=rows, alice=alice)

    is_nothing([*all_of(base, *rows), f"{base}?before={rows[2].id}", f"{base}zip"])


@pytest.mark.parametrize("hiding", HIDES_PICTURES, ids=lambda hiding: hiding.__name__)
def test_s5_picture_that_is_hidden_leaves_the_shared_collection(alice, bob, team, rows, is_nothing, hiding):
    link, base = share(bob, collect(alice, team, *rows), allow_download=True)

    hiding(link=link, bob=bob, team=team, rows=rows[:1], alice=alice)

    is_nothing(addresses(base, rows[0]))
    html = outsider().get(base).content.decode()
    assert [str(row.id) in html for row in rows] == [False, True, True]


def test_s5_picture_taken_out_of_the_collection_is_gone_and_one_put_in_is_there(alice, team, rows, is_nothing):
    _, base = share(alice, collect(alice, team, *rows[:2]))
    is_nothing(addresses(base, rows[2]))

    CollectionItem.objects.filter(generation=rows[0]).delete()
    CollectionItem.objects.create(collection=Collection.objects.get(), generation=rows[2])

    is_nothing(addresses(base, rows[0]))
    assert outsider().get(f"{base}{rows[2].id}/").status_code == 200


def test_s5_deleted_collection_takes_its_links_along(alice, team, rows, is_nothing):
    _, base = share(alice, collect(alice, team, *rows))

    Collection.objects.all().delete()

    is_nothing(all_of(base, *rows))


def test_s5_manager_who_becomes_a_member_shows_others_private_pictures_no_more(team, rows, is_nothing):
    maria = make_person("Maria", team, Role.MANAGER)
    Generation.objects.filter(id=rows[0].id).update(visibility=Visibility.PRIVATE)
    _, base = share(maria, Generation.objects.get(id=rows[0].id))
    assert outsider().get(base).status_code == 200

    Membership.objects.filter(user=maria).update(role=Role.MEMBER)

    is_nothing(all_of(base, rows[0]))


def test_s5_five_hundred_wrong_uses_all_find_nothing(alice, bob, charlie, team, rows, emulator, is_nothing):
    """Tokens that never existed, almost valid ones, and valid ones for things that they do not show."""
    foreign = draw(charlie, charlie.teams.get())
    _, one = share(bob, rows[0])
    _, other = share(bob, rows[1], allow_download=True)
    _, some = share(alice, collect(alice, team, rows[0], rows[1]))
    _, elsewhere = share(charlie, collect(charlie, charlie.teams.get(), foreign, name="Mine"))
    ended = [share(bob, rows[0], allow_download=True) for _ in range(12)]
    for link, _ in ended[:6]:
        expire(link)
    for link, _ in ended[6:]:
        revoked(link, bob, team)
    token = one.split("/")[2]

    urls = [f"/s/{secrets.token_urlsafe(32)}/" for _ in range(250)]
    urls += [f"/s/{token[:n]}{'A' if token[n] != 'A' else 'B'}{token[n + 1 :]}/" for n in range(len(token) - 1)]
    urls += [
        f"/s/{wrong}/" for wrong in (token[:-2], token + "A", token.swapcase(), token[::-1], "%00", "ä", "a" * 3000)
    ]
    urls += [url for _, base in ended for url in all_of(base, rows[0])]
    urls += [url for base, row in [(one, rows[1]), (one, rows[2]), (other, rows[0]), (some, rows[2]),
             (some, foreign), (elsewhere, rows[0]), (elsewhere, rows[1]), (one, foreign)]
             for url in addresses(base, row)]  # fmt: skip
    urls += [f"{base}{uuid.uuid4()}/" for base in (one, other, some, elsewhere) for _ in range(30)]
    urls += [f"{base}{rows[0].id}/image" for base in (one, some)]
    urls += [f"{base}{rows[0].id}/thumb/{width}.webp" for base in (one, some) for width in (0, 1, 319, 641, 10**20)]
    beyond = ["x", "image", "zip", "../x/y", f"{rows[0].id}", f"{rows[0].id}/thumb/", f"{rows[0].id}/share"]
    urls += [f"{base}{rest}" for base in (one, some) for rest in beyond]

    assert is_nothing(urls) >= WRONG_USES


def test_s5_token_opens_nothing_but_its_own_pages(bob, rows):
    _, base = share(bob, rows[0])
    client = outsider()
    client.get(base)

    for url in (f"/g/{rows[0].id}/", f"/g/{rows[0].id}/image", f"/g/{rows[0].id}/thumb/320.webp", "/t/harbour/"):
        assert client.get(url).status_code == 302


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_s5_other_methods_change_nothing(bob, rows, method):
    _, base = share(bob, rows[0])

    assert getattr(outsider(), method)(base).status_code == 405


def test_s5_dump_of_the_database_holds_hashes_only(alice, bob, team, as_, rows):
    client = as_(bob)
    form = {"expires": "7", "protected": "1", "password": "open sesame"}
    html = client.post(f"/g/{rows[0].id}/share", form, follow=True).content.decode()
    token = html.split("/s/")[1].split("/")[0]
    outsider().post(f"/s/{token}/", {"password": "open sesame"})
    client.get("/t/harbour/links/")

    out = StringIO()
    call_command("dumpdata", stdout=out)

    assert ShareLink.objects.get().token_hash in out.getvalue()
    for secret in (token, "open sesame"):
        assert secret not in out.getvalue()
    assert not any(token in str(client.session[key]) for key in client.session.keys())  # noqa: SIM118


@pytest.mark.parametrize("debug", [True, False])
def test_s5_logs_do_not_name_the_token(bob, rows, debug, settings):
    """Uses the configured formatter, with all loggers at their most verbose."""
    settings.DEBUG = debug
    kind = import_string("hidream_site.logs.SafeFormatter")
    assert "SafeFormatter" in str(import_string("hidream_site.settings.LOGGING")["formatters"]["line"])
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(kind("{name} {message}", style="{"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        link, base = share(bob, rows[0], password="open sesame")
        token = base.split("/")[2]
        for url in all_of(base, rows[0]):
            outsider().get(url).getvalue()
        outsider().post(base, {"password": "wrong one"})
        outsider(enforce_csrf_checks=True).post(base, {"password": "wrong one"})
        revoke(actor=bob, team=rows[0].team, links=[link.id])
        outsider().get(base)
        logging.getLogger("any").error("at http://host%s?x=1 and '%s'", base, base, exc_info=ValueError(f"in {base}"))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)

    assert "/s/…" in out.getvalue()
    assert str(link.id) in out.getvalue()
    assert token not in out.getvalue()
    assert django_settings.DEBUG is debug

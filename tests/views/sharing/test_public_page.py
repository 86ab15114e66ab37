"""What somebody without an account sees of a link, and what not."""

import re
import zipfile
from datetime import timedelta
from io import BytesIO
from ipaddress import ip_network

import pytest
from django.test import Client
from django.utils import timezone

from generations.imaging import traces
from generations.models import Generation, ShareLink, ShareVisit
from generations.storage import files
from tests.factories import draw
from tests.imaging.pictures import opened
from tests.sharing import addresses, collect, outsider, share
from tests.views.downloads import size_of

pytestmark = pytest.mark.django_db
PROMPT = "two boats, a <b>sign</b>"
SECRET = "open sesame street"


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team, prompt=PROMPT, seed="41", output_format="jpg")


@pytest.fixture
def three(alice, team, emulator):
    return [draw(alice, team, prompt=f"boat {n}") for n in range(3)]


def page(base, path="", client=None, **options):
    response = (client or outsider()).get(f"{base}{path}", **options)
    return response.getvalue().decode()


def test_picture_is_shown_without_account_and_without_scripts(alice, picture):
    _, base = share(alice, picture)

    response = outsider().get(base)

    html = response.content.decode()
    assert response.status_code == 200
    assert f"{base}{picture.id}/thumb/1280.webp" in html
    assert "AI-generated image" in html
    assert "<script" not in html
    assert "sessionid" not in response.cookies


def test_page_shows_what_the_link_allows_and_nothing_else(alice, picture):
    _, base = share(alice, picture)

    html = page(base)

    told = html.replace(base, "").replace(str(picture.id), "")
    for secret in ("two boats", "Alice", "Harbour", "41", "/image", picture.image.sha256, "hidream-l1"):
        assert secret not in told
    assert 'alt="AI-generated image"' in html


def test_page_shows_prompt_names_and_download_where_allowed(alice, picture):
    _, base = share(alice, picture, show_prompt=True, show_names=True, allow_download=True)

    html = page(base)

    assert "two boats, a &lt;b&gt;sign&lt;/b&gt;" in html
    assert 'alt="AI-generated image: two boats' in html
    assert "shared by <bdi>Alice</bdi>" in html
    assert "created by" in html
    assert f"{base}{picture.id}/image" in html


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_previews_are_shown_and_kept_by_nobody(alice, picture, width):
    _, base = share(alice, picture)

    response = outsider().get(f"{base}{picture.id}/thumb/{width}.webp")

    assert response.getvalue()[8:12] == b"WEBP"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"].startswith("noindex")
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_original_is_saved_under_a_name_that_tells_nothing(alice, picture):
    _, base = share(alice, picture, allow_download=True)

    response = outsider().get(f"{base}{picture.id}/image")

    assert picture.image.sha256 in traces(response.getvalue()).before
    name = f"picture-{str(picture.id)[-12:]} {size_of(picture)}.jpg"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_original_is_not_there_unless_allowed(alice, picture):
    _, base = share(alice, picture)

    assert outsider().get(f"{base}{picture.id}/image").status_code == 404


def test_every_answer_is_private_unsearchable_and_sends_no_referrer(alice, picture):
    _, base = share(alice, picture)

    for response in (outsider().get(base), outsider().get("/s/nothing/"), outsider().get(f"{base}x/y/z")):
        assert response["Cache-Control"] == "private, no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
        assert "script-src" not in response["Content-Security-Policy"]
        assert response["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; img-src")


def test_collection_runs_the_sites_own_scripts_and_no_other_page_does(alice, team, picture):
    _, base = share(alice, collect(alice, team, picture))

    collection, single = outsider().get(base), outsider().get(f"{base}{picture.id}/")

    assert collection["Content-Security-Policy"].endswith("; script-src 'self'")
    assert "unsafe" not in collection["Content-Security-Policy"]
    assert b"js/sharing/slideshow" in collection.content
    assert "script-src" not in single["Content-Security-Policy"]
    assert b"<script" not in single.content


@pytest.mark.parametrize(
    ("shows", "caption"),
    [(False, "AI-generated"), (True, "AI-generated · two boats, a &lt;b&gt;sign&lt;/b&gt; · Alice")],
)
def test_lightbox_of_a_collection_says_what_the_link_shows(alice, team, picture, shows, caption):
    _, base = share(alice, collect(alice, team, picture), show_prompt=shows, show_names=shows)

    assert f'data-caption="{caption}"' in page(base)
    assert ("1 picture</p>" in page(base), "data-slideshow" in page(base)) == (True, False)


def test_card_names_the_preview_by_its_whole_address(alice, picture):
    _, base = share(alice, picture, show_prompt=True)

    html = page(base)

    assert f'property="og:image" content="http://testserver{base}{picture.id}/preview.jpg"' in html
    assert f'property="og:url" content="http://testserver{base}"' in html
    assert 'property="og:image:type" content="image/jpeg"' in html
    assert 'property="og:title" content="two boats, a &lt;b&gt;sign&lt;/b&gt;"' in html
    assert 'name="twitter:card" content="summary_large_image"' in html


def test_card_says_the_size_of_the_jpeg_that_it_names(alice, picture):
    _, base = share(alice, picture)
    html = page(base)
    size = tuple(int(re.search(rf'og:image:{side}" content="([0-9]+)"', html)[1]) for side in ("width", "height"))

    response = outsider().get(f"{base}{picture.id}/preview.jpg")

    data = response.getvalue()
    assert response["Content-Type"] == "image/jpeg"
    assert (opened(data).format, opened(data).size) == ("JPEG", size)
    assert traces(data).marked
    assert b"boats" not in data


def test_preview_is_made_once(alice, picture):
    _, base = share(alice, picture)
    first = outsider().get(f"{base}{picture.id}/preview.jpg").getvalue()
    files.delete(picture.image.path)

    assert outsider().get(f"{base}{picture.id}/preview.jpg").getvalue() == first


def test_preview_of_a_lost_file_is_not_there(alice, picture):
    _, base = share(alice, picture)
    files.delete(picture.image.path)

    assert outsider().get(f"{base}{picture.id}/preview.jpg").status_code == 404


def test_card_of_a_picture_in_a_collection_leads_to_that_picture(alice, team, three):
    _, base = share(alice, collect(alice, team, *three))

    assert f'property="og:url" content="http://testserver{base}"' in page(base)
    assert f'property="og:url" content="http://testserver{base}{three[1].id}/"' in page(base, f"{three[1].id}/")


def test_other_sites_show_the_pictures_of_a_link_without_a_password_and_nothing_else(alice, picture):
    _, base = share(alice, picture, allow_download=True)
    _, locked_base = share(alice, picture, allow_download=True, password=SECRET)
    inside = outsider()
    inside.post(locked_base, {"password": SECRET})

    def policies(client, base):
        answers = [client.get(url) for url in addresses(base, picture)[1:]]
        assert all(answer.getvalue() for answer in answers)
        return {answer["Cross-Origin-Resource-Policy"] for answer in answers}

    assert policies(outsider(), base) == {"cross-origin"}
    assert policies(inside, locked_base) == {"same-origin"}
    assert "Cross-Origin-Resource-Policy" not in outsider().get(base).headers


def test_card_without_the_prompt_is_titled_plainly(alice, picture):
    _, base = share(alice, picture)

    assert 'property="og:title" content="AI-generated picture"' in page(base)


def test_page_says_in_machine_words_that_it_is_generated(alice, picture):
    _, base = share(alice, picture)

    html = page(base)

    assert 'itemtype="https://schema.org/ImageObject"' in html
    assert 'href="https://schema.org/TrainedAlgorithmicMediaDigitalSource"' in html


def test_address_without_its_last_slash_is_completed(alice, picture):
    _, base = share(alice, picture)

    response = outsider().get(base.rstrip("/"))

    assert (response.status_code, response["Location"]) == (302, base)


# --- Collections ----------------------------------------------------------------------------------------------------


def test_collection_is_a_feed_with_a_page_for_each_picture(alice, team, three):
    _, base = share(alice, collect(alice, team, *three))

    html = page(base)

    assert '<h1 itemprop="name"><bdi>Signs</bdi></h1>' in html
    assert [html.index(str(row.id)) for row in reversed(three)] == sorted(html.index(str(row.id)) for row in three)
    assert f'href="{base}{three[0].id}/" rel="next"' in page(base, f"{three[1].id}/")
    assert f'href="{base}{three[2].id}/" rel="prev"' in page(base, f"{three[1].id}/")


def test_collection_ordered_by_hand_keeps_that_order(alice, team, three):
    _, base = share(alice, collect(alice, team, three[1], three[0], three[2], order="hand"))

    html = page(base)

    found = re.findall(r'class="card-open" href="[^"]+/([0-9a-f-]{36})/"', html)
    assert found == [str(three[n].id) for n in (1, 0, 2)]
    assert f'href="{base}{three[1].id}/" rel="prev"' in page(base, f"{three[0].id}/")
    assert f'href="{base}{three[2].id}/" rel="next"' in page(base, f"{three[0].id}/")


@pytest.mark.parametrize("order", ["date", "hand"])
def test_collection_has_pages_that_leave_nothing_out(alice, team, three, monkeypatch, order):
    monkeypatch.setattr("generations.queries.sharing.share_links.PAGE_SIZE", 2)
    _, base = share(alice, collect(alice, team, *three, order=order))

    first = page(base)
    older = re.search(r'href="([^"]+)" rel="next"', first).group(1)
    second = page(older)

    shown = [{str(row.id) for row in three if f"{row.id}/thumb" in html.split("<main")[1]} for html in (first, second)]
    assert shown[0] | shown[1] == {str(row.id) for row in three}
    assert (len(shown[0]), len(shown[1])) == (2, 1)
    assert "Back to start" in second


def test_collection_without_pictures_says_so(alice, team):
    _, base = share(alice, collect(alice, team))

    assert "No pictures yet" in page(base)


def test_cover_stands_on_the_card(alice, team, three):
    _, base = share(alice, collect(alice, team, *three, cover=three[0]))

    html = page(base)

    assert f'property="og:image" content="http://testserver{base}{three[0].id}/' in html
    assert 'property="og:title" content="Signs"' in html


@pytest.mark.parametrize("number", [1, 3])
def test_collection_costs_the_same_for_one_and_three(alice, team, three, number, django_assert_num_queries):
    _, base = share(alice, collect(alice, team, *three[:number]), show_names=True, show_prompt=True)

    with django_assert_num_queries(6):  # the link, its creator's role, the places, the rows, their authors, the visit
        outsider().get(base)


# --- Password -------------------------------------------------------------------------------------------------------


@pytest.fixture
def locked(alice, picture):
    return share(alice, picture, password=SECRET, show_prompt=True, allow_download=True)


def test_password_is_asked_for_and_tells_nothing_before(picture, locked):
    _, base = locked

    html = page(base)

    assert "Password required" in html
    assert 'property="og:' not in html
    assert "boats" not in html
    assert str(picture.id) not in html


def test_nothing_behind_the_password_is_served_without_it(picture, locked):
    _, base = locked
    html, *files = [outsider().get(url) for url in addresses(base, picture)]

    assert "Password required" in html.content.decode()
    assert [response.status_code for response in files] == [404] * 5


def test_right_password_opens_page_and_pictures(picture, locked):
    _, base = locked
    client = outsider()

    response = client.post(base, {"password": SECRET})

    cookie = response.cookies["share"]
    assert (response.status_code, response["Location"]) == (302, base)
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (base, True, "Lax")
    assert "two boats" in page(base, client=client)
    assert [client.get(url).getvalue() != b"" for url in addresses(base, picture)] == [True] * 6


def test_wrong_password_says_so_and_opens_nothing(picture, locked):
    _, base = locked
    client = outsider()

    response = client.post(base, {"password": SECRET.upper()})

    assert response.status_code == 403
    assert "Wrong password." in response.content.decode()
    assert "boats" not in response.content.decode()
    assert "share" not in response.cookies
    assert client.get(addresses(base, picture)[2]).status_code == 404


def test_changed_password_ends_what_the_old_one_opened(picture, locked, alice):
    link, base = locked
    client = outsider()
    client.post(base, {"password": SECRET})
    other, _ = share(alice, picture, password="another password")

    ShareLink.objects.filter(id=link.id).update(password=other.password)

    assert "Password required" in page(base, client=client)
    assert client.get(addresses(base, picture)[2]).status_code == 404


def test_cookie_of_one_link_opens_no_other(alice, picture, locked):
    _, first = locked
    _, second = share(alice, picture, password=SECRET)
    client = outsider()
    key = client.post(first, {"password": SECRET}).cookies["share"].value

    client.cookies["share"] = key

    assert "Password required" in page(second, client=client)


def test_guessing_is_throttled_by_link_and_address(alice, picture, locked):
    _, base = locked
    _, other = share(alice, picture, password=SECRET)

    statuses = [outsider().post(base, {"password": f"guess {n}"}).status_code for n in range(12)]

    assert statuses == [403] * 10 + [429] * 2
    assert outsider().post(base, {"password": SECRET}).status_code == 429
    assert outsider(REMOTE_ADDR="203.0.113.7").post(base, {"password": SECRET}).status_code == 302
    assert outsider().post(other, {"password": SECRET}).status_code == 302


def test_right_password_opens_when_nobody_counts(locked, settings, caplog):
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = settings.CACHES | {"shared": away}
    _, base = locked

    assert [outsider().post(base, {"password": word}).status_code for word in ("guess", SECRET)] == [403, 302]
    assert "tries are not counted: the cache is away" in caplog.text


def test_form_of_the_password_may_say_where_it_comes_from(locked):
    """A page with no-referrer makes the browser send `Origin: null` with its own form."""
    _, base = locked

    assert outsider().get(base)["Referrer-Policy"] == "same-origin"


def test_password_form_from_another_site_is_refused(locked):
    _, base = locked

    assert Client(enforce_csrf_checks=True).post(base, {"password": SECRET}).status_code == 403


# --- Visits ---------------------------------------------------------------------------------------------------------


def test_page_views_are_counted_and_no_address_is_kept(alice, picture):
    link, base = share(alice, picture)
    client = outsider(REMOTE_ADDR="203.0.113.7")

    for path in ("", "", f"{picture.id}/", f"{picture.id}/thumb/320.webp", "?before=0"):
        client.get(f"{base}{path}").getvalue()
    outsider(REMOTE_ADDR="203.0.113.8").get(base)

    visitors = list(ShareVisit.objects.filter(link=link).values_list("visitor", flat=True))
    assert (len(visitors), len(set(visitors))) == (3, 2)
    assert not any("113" in visitor and "203" in visitor for visitor in visitors)


def test_what_is_not_shown_is_no_visit(alice, picture, locked):
    _, base = locked

    page(base)
    outsider().head(share(alice, picture)[1])

    assert not ShareVisit.objects.exists()


def test_visitor_is_who_the_proxy_says_and_not_what_he_says_himself(alice, picture, settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    _, base = share(alice, picture)

    for forged in ("1.1.1.1, 203.0.113.7", "2.2.2.2, 203.0.113.7"):
        outsider().get(base, headers={"X-Forwarded-For": forged})

    assert len({visit.visitor for visit in ShareVisit.objects.all()}) == 1


def test_signed_in_people_see_the_same_page(as_, alice, charlie, picture):
    _, base = share(alice, picture)

    bodies = {page(base, client=client) for client in (outsider(), as_(alice), as_(charlie))}

    assert len(bodies) == 1
    assert Generation.objects.count() == 1


def test_archive_holds_the_collection_in_its_order_under_names_that_tell_nothing(alice, team, three):
    _, base = share(alice, collect(alice, team, *three, name="Menu ideas", order="hand"), allow_download=True)

    assert f'href="{base}zip"' in page(base)
    response = outsider().get(f"{base}zip")

    assert response["Content-Disposition"] == 'attachment; filename="Menu ideas.zip"'
    assert response["Cache-Control"] == "private, no-store"
    assert "noindex" in response["X-Robots-Tag"]
    with zipfile.ZipFile(BytesIO(response.getvalue())) as found:
        ends = [f"{row.id.hex[-12:]} {size_of(row)}.{row.image.format}" for row in three]
        names = [f"{n} picture-{end}" for n, end in enumerate(ends, start=1)]
        assert [name.replace(".jpg", ".jpeg") for name in found.namelist()] == names


def test_archive_is_not_there_unless_allowed_and_the_password_said(alice, team, three):
    menu = collect(alice, team, *three)
    _, closed = share(alice, menu)
    _, secret = share(alice, menu, allow_download=True, password=SECRET)
    _, single = share(alice, three[0], allow_download=True)
    client = outsider()

    assert "zip" not in page(closed)
    assert [outsider().get(f"{base}zip").status_code for base in (closed, secret, single)] == [404] * 3
    client.post(secret, {"password": SECRET})
    assert client.get(f"{secret}zip").status_code == 200


@pytest.mark.parametrize("ending", ["revoked", "expired", "private"])
def test_archive_ends_within_the_pictures_that_were_looked_up(alice, bob, team, three, monkeypatch, ending):
    monkeypatch.setattr("generations.services.generations.archives.BATCH_SIZE", 1)
    link, base = share(bob, collect(alice, team, *three), allow_download=True)
    parts = iter(outsider().get(f"{base}zip").streaming_content)
    first = next(parts)
    if ending == "private":
        Generation.objects.update(visibility="private")
    else:
        column = {"revoked": "revoked_at", "expired": "expires_at"}[ending]
        # A second ago, because SQLite's clock has whole milliseconds.
        ShareLink.objects.filter(id=link.id).update(**{column: timezone.now() - timedelta(seconds=1)})

    with zipfile.ZipFile(BytesIO(first + b"".join(parts))) as found:
        assert len(found.namelist()) == 1

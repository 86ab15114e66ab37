import base64
import json
from dataclasses import replace

import pytest

from generations.errors import NotDownloaded, UnlistedHost, UnusableAnswer
from tests.key import KEY
from tests.providers.loopback.hostile import PAGE, PNG, Hostile, answer, error_body, raw, reset_after
from tests.providers.segmind import held, segmind

JPEG = b"\xff\xd8\xff\xe0" + b"picture"
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 picture"
AVIF = b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf" + b"picture"
ANIMATED_AVIF = b"\0\0\0\x18ftypmsf1\0\0\0\0msf1avis" + b"picture"
KINDS = {"png": PNG, "jpeg": JPEG, "webp": WEBP, "avif": AVIF, "animated avif": ANIMATED_AVIF}
PACKED = base64.b64encode(PNG).decode()
HOLDERS = {
    "png": PNG,
    "jpeg": JPEG,
    "webp": WEBP,
    "image": {"image": PACKED},
    "output": {"status": "COMPLETED", "output": PACKED},
    "images": {"images": [PACKED]},
    "images with keys": {"images": [{"b64_json": PACKED}]},
    "data": {"data": [{"b64_json": PACKED, "url": None}]},
    "data in data": {"data": {"image": PACKED}},
    "bare text": PACKED,
    "bare list": [PACKED],
    "data address": {"image": "data:image/png;base64," + PACKED},
    "line breaks": {"image": base64.encodebytes(PNG).decode()},
    "address alphabet": {"image": base64.urlsafe_b64encode(PNG).decode().rstrip("=")},
    "numbers beside it": {"image": 5, "data": None, "output": PACKED},
    "nothing beside it": {"images": [], "output": PACKED},
    "text beside it": {"image": "ready", "output": PACKED},
}


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS.keys())
def test_picture_is_found_wherever_it_may_be(holder):
    body = holder if isinstance(holder, bytes) else json.dumps(holder).encode()

    assert segmind("https://api.segmind.com").picture(held(body)) in {PNG, JPEG, WEBP}


@pytest.mark.parametrize("picture", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("way", ["raw", "base64", "address"])
def test_every_kind_of_picture_is_found_in_every_way(way, picture):
    with Hostile(raw_picture(picture)) as files:
        packed = {"image": base64.b64encode(picture).decode()}
        bodies = {
            "raw": picture, "base64": json.dumps(packed).encode(),
            "address": json.dumps({"output": f"{files.url}/generations/a"}).encode(),
        }  # fmt: skip

        assert segmind("http://127.0.0.1:9").picture(held(bodies[way])) == picture


def raw_picture(picture):
    return answer(200, picture, {"Content-Type": "application/octet-stream"})


NO_PICTURE = {
    "nothing": (b"", "The provider returned an empty response.", ""),
    "blanks": (b" \r\n", "The provider returned an empty response.", ""),
    "page": (PAGE, "The provider returned a web page instead of a picture.", "502 Bad Gateway"),
    "doctype": (b"<!DOCTYPE html><p>Hi", "The provider returned a web page instead of a picture.", "Hi"),
    "json": (error_body(f"no {KEY}"), "The provider's response contains no picture.", "no [key]"),
    "brackets": (b"[" * 10**6, "The provider's response contains no picture.", "[" * 299 + "…"),
    "deep": (
        b'{"data":' * 900,
        "The provider's response contains no picture.",
        ('{"data":' * 40)[:299] + "…",
    ),
    "odd base64": (b'{"image": "aGVsbG8="}', "The provider's response contains no picture.", ""),
    "svg": (b"<svg/>", "The provider's response isn't a PNG, JPEG, WebP or AVIF picture.", ""),
    "gif": (b"GIF89a\xff", "The provider's response isn't a PNG, JPEG, WebP or AVIF picture.", ""),
    "heif": (
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\xff",
        "The provider's response isn't a PNG, JPEG, WebP or AVIF picture.",
        None,
    ),
    "sound": (
        b"RIFF\x10\x00\x00\x00WAVE",
        "The provider's response isn't a PNG, JPEG, WebP or AVIF picture.",
        None,
    ),
}


@pytest.mark.parametrize(("body", "sentence", "reason"), NO_PICTURE.values(), ids=NO_PICTURE.keys())
def test_answer_without_a_picture_says_what_it_holds(body, sentence, reason):
    with pytest.raises(UnusableAnswer) as caught:
        segmind("https://api.segmind.com").picture(held(body))

    error = caught.value
    assert (error.message, error.retryable, error.maybe_charged, error.request_id) == (sentence, False, True, "r1")
    assert reason in {None, error.reason}


@pytest.mark.parametrize("key", ["image", "output", "url"])
def test_picture_behind_an_address_is_fetched_without_the_key(key):
    with Hostile(answer()) as files:
        body = json.dumps({key: f"{files.url}/generations/a.png?x=1"}).encode()
        picture = segmind("http://127.0.0.1:9").picture(held(body))

    assert picture == PNG
    assert files.requests[0].startswith(b"GET /generations/a.png?x=1 HTTP/1.1\r\n")
    assert b"SG_" not in files.requests[0]
    assert b"x-api-key" not in files.requests[0]


def refused_address(
    address: str, base: str = "https://api.segmind.com", hosts=("images.segmind.com",)
) -> UnusableAnswer:
    with pytest.raises(UnusableAnswer) as caught:
        segmind(base, hosts=frozenset(hosts)).picture(held(json.dumps({"image": address}).encode()))
    return caught.value


@pytest.mark.parametrize(
    "address",
    [
        "http://images.segmind.com/a.png",
        "https://user@images.segmind.com/a.png",
        "https://images.segmind.com@evil.test/a.png",
        "https://evil.test\\@images.segmind.com/a.png",
        "https://images.seg\tmind.com/a.png",
        "https://127.0.0.1/a.png",
        "https://127.1/a.png",
        "https://2130706433/a.png",
        "https://[::1]/a.png",
        "https://169.254.169.254/latest/meta-data",
        "https://images.segmind.com:x/a.png",
        "https://[::1/a.png",
        "https:///a.png",
    ],
)
def test_address_that_is_not_allowed_is_not_asked(address):
    error = refused_address(address)

    assert error.message == "The provider's response links to a URL that this site doesn't download from."
    assert (error.retryable, error.maybe_charged) == (False, True)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://images.segmind.com.evil.test/a.png", "images.segmind.com.evil.test"),
        ("https://evil.test/images.segmind.com", "evil.test"),
        ("https://evil.test#@images.segmind.com/a.png", "evil.test"),
        ("https://cdn.segmind.com:8443/a.png", "cdn.segmind.com"),
    ],
)
def test_host_that_the_settings_do_not_name_is_not_asked_and_told_by_its_name(address, host):
    error = refused_address(address)

    assert isinstance(error, UnlistedHost)
    assert error.message == (
        f"The file is on {host}, a host this site doesn't download from. "
        "Ask a site admin to add it to SEGMIND_FILE_HOSTS."
    )
    assert (error.retryable, error.maybe_charged) == (True, True)


def test_file_host_that_leads_into_this_machine_is_not_asked():
    with Hostile(answer(), reads=False) as server:
        error = refused_address(f"https://localhost:{server.port}/a.png", hosts=["localhost"])

    assert "localhost doesn't resolve to an allowed address" in error.message


def test_file_host_with_a_port_means_that_port():
    with Hostile(answer()) as files, Hostile(answer()) as others:
        provider = segmind("http://127.0.0.1:9", hosts=frozenset({f"127.0.0.1:{files.port}"}))
        assert provider.picture(held(json.dumps({"image": files.url}).encode())) == PNG
        with pytest.raises(UnusableAnswer):
            provider.picture(held(json.dumps({"image": others.url}).encode()))
    assert others.requests == []


@pytest.mark.parametrize(
    ("behaviour", "what", "reason"),
    [
        (answer(404, error_body("gone")), "404", "gone"),
        (answer(503, PAGE), "503", "502 Bad Gateway"),
        (answer(302, b"", {"Location": "http://127.0.0.1/"}), "302", ""),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), "the response was cut short", ""),
        (reset_after(), "the connection was reset", ""),
    ],
)
def test_file_that_cannot_be_downloaded_may_be_asked_for_again(behaviour, what, reason):
    with Hostile(behaviour) as files:
        error = refused_address(files.url + "/a.png", base="http://127.0.0.1:9", hosts=["127.0.0.1"])

    assert (type(error), error.retryable, error.maybe_charged) == (NotDownloaded, True, True)
    assert (error.message, error.reason) == (f"The file couldn't be downloaded ({what}).", reason)


def test_file_that_the_provider_has_deleted_is_not_asked_for_again():
    with Hostile(answer(410, error_body("gone"))) as files:
        error = refused_address(files.url + "/a.png", base="http://127.0.0.1:9", hosts=["127.0.0.1"])

    assert (error.retryable, error.message, error.reason) == (False, "The provider no longer has the file.", "gone")


def test_file_that_arrived_whole_is_what_the_answer_leads_to_whatever_it_holds():
    provider = segmind("http://127.0.0.1:9", hosts=frozenset({"127.0.0.1"}))
    with Hostile(answer(body=PAGE)) as files:
        named = held(json.dumps({"image": files.url}).encode())
        found = provider.picture(named)

    assert (provider.must_download(named), found) == (True, PAGE)


def test_downloaded_file_is_not_looked_into_for_another_address():
    provider = segmind("http://127.0.0.1:9", hosts=frozenset({"127.0.0.1"}))
    file = replace(held(json.dumps({"image": "http://127.0.0.1:9/a.png"}).encode()), is_file=True)

    assert (provider.must_download(file), provider.picture(file)) == (False, file.body)

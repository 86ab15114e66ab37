"""Which provider the settings ask for, and which hosts get the key."""

import pytest

from generations.conf import conf
from generations.providers import Segmind, SegmindV2, provider_for
from tests.providers.loopback.hostile import answer
from tests.providers.loopback.routes import Routes, as_json


@pytest.mark.parametrize(("version", "kind"), [("v1", Segmind), ("v2", SegmindV2)])
def test_version_of_the_settings_is_built(settings, version, kind):
    settings.SEGMIND_API_VERSION = version

    assert type(provider_for(conf())) is kind


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_provider_has_the_deadline_the_key_and_the_hosts_of_the_settings(settings, version):
    settings.SEGMIND_API_VERSION, settings.SEGMIND_TIMEOUT, settings.SEGMIND_API_KEY = version, 7, "SG_other"
    with Routes({"/v1/get-user-credits": as_json({"credits": 1})}) as server:
        settings.SEGMIND_BASE_URL = server.url
        provider = provider_for(conf())
        provider.balance()

    assert provider.deadline == 7
    assert b"x-api-key: SG_other\r\n" in server.requests[0]


@pytest.mark.parametrize(
    ("base", "given", "history"),
    [
        ("https://api.segmind.com", "", "https://api.spotprod.segmind.com"),
        ("https://api-latest.segmind.com/", "", "https://api.spotprod.segmind.com"),
        ("https://segmind.com.evil.test", "", "https://segmind.com.evil.test"),
        ("https://notsegmind.com", "", "https://notsegmind.com"),
        ("https://proxy.example", "", "https://proxy.example"),
        ("http://127.0.0.1:8009", "", "http://127.0.0.1:8009"),
        ("http://localhost:8009/", "", "http://localhost:8009"),
        ("https://api.segmind.com", "https://history.example/", "https://history.example"),
        ("http://127.0.0.1:8009", "http://127.0.0.1:8010", "http://127.0.0.1:8010"),
    ],
)
def test_history_is_kept_where_the_base_address_says(settings, base, given, history):
    settings.SEGMIND_BASE_URL, settings.SEGMIND_HISTORY_URL = base, given

    assert conf().history_url == history


def test_watch_is_shown_every_answer_as_it_came(settings):
    seen = []
    with Routes({"/v1/get-user-credits": answer(404, b"gone", {"X-Odd": "1"})}) as server:
        settings.SEGMIND_BASE_URL = server.url
        provider = provider_for(conf(), lambda *call: seen.append(call))
        with pytest.raises(Exception, match="can't be read right now"):
            provider.balance()

    ((method, path, reply),) = seen
    assert (method, path, reply.status, reply.headers["x-odd"], reply.body) == (
        "GET", "/v1/get-user-credits", 404, "1", b"gone",
    )  # fmt: skip


def test_repr_of_the_settings_holds_nothing_secret(settings):
    """A debug page prints the variables of every frame."""
    settings.SEGMIND_API_KEY, settings.METRICS_TOKEN, settings.REDIS_URL = "SG_other", "a-token", "redis://:word@host"

    assert not any(word in repr(conf()) for word in ("SG_other", "a-token", "word@host"))

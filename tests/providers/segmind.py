"""Clients of both versions of the provider against a loopback server, and one paid call of each."""

from collections.abc import Callable

import pytest

from generations.errors import ProviderError
from generations.providers import Answer, ImageRequest, Segmind, SegmindV2
from tests.key import KEY
from tests.providers.loopback.hostile import Behaviour, Hostile

REQUEST = ImageRequest("hidream-l1-fast", {"prompt": "a cat", "seed": 7})


def segmind(url: str, *, deadline: float = 10, hosts: frozenset[str] = frozenset({"127.0.0.1"})) -> Segmind:
    return Segmind(url, KEY, deadline=deadline, file_hosts=hosts)


def segmind_v2(url: str, *, deadline: float = 10, hosts: frozenset[str] = frozenset({"127.0.0.1"})) -> SegmindV2:
    return SegmindV2(url, KEY, deadline=deadline, file_hosts=hosts)


VERSIONS: dict[str, Callable[..., Segmind | SegmindV2]] = {"v1": segmind, "v2": segmind_v2}


def call(behaviour: Behaviour) -> Answer:
    with Hostile(behaviour) as server:
        return segmind(server.url).call(REQUEST)


def failure(behaviour: Behaviour, *, deadline: float = 10, version: str = "v1") -> ProviderError:
    with Hostile(behaviour) as server, pytest.raises(ProviderError) as caught:
        VERSIONS[version](server.url, deadline=deadline).call(REQUEST)
    return caught.value


def held(body: bytes) -> Answer:
    """Return an answer that has already been received."""
    return Answer(body, "image/png", None, None, "r1", None, None)

"""An emulator that is a service of its own: plain http for it alone, and for no other key."""

from ipaddress import ip_address

import pytest

from generations.conf import EMULATOR_KEY
from generations.providers.gateway import Gateway

SERVICE = "http://emulator:8009"
NEIGHBOUR, LOOPBACK, ELSEWHERE = map(ip_address, ("172.28.80.5", "127.0.0.1", "1.1.1.1"))


def test_service_is_asked_by_plain_http_with_the_key_that_is_no_secret():
    assert Gateway(SERVICE, EMULATOR_KEY).host == "emulator"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (SERVICE, "SG_of_somebody"),
        ("http://emulator.example:8009", EMULATOR_KEY),
        ("http://10.0.0.1:8009", EMULATOR_KEY),
        ("http://2130706433:8009", EMULATOR_KEY),
    ],
)
def test_another_key_or_host_insists_on_https(address, key):
    with pytest.raises(ValueError, match="only travels by https"):
        Gateway(address, key)


def test_files_of_the_service_come_from_its_network_and_others_do_not():
    gateway = Gateway(SERVICE, EMULATOR_KEY)

    assert gateway.has_plain_files("emulator")
    assert not gateway.has_plain_files("neighbour")
    assert gateway.reach_of("emulator")(NEIGHBOUR)
    assert not gateway.reach_of("images.segmind.com")(NEIGHBOUR)


def test_files_of_the_vendor_come_from_the_public_internet_only():
    gateway = Gateway("https://api.segmind.com", "SG_of_somebody")

    reach = gateway.reach_of("api.segmind.com")
    assert [reach(address) for address in (NEIGHBOUR, LOOPBACK, ELSEWHERE)] == [False, False, True]

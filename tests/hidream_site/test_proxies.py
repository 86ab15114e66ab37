"""Which address a request comes from, by what its proxies say and by what its visitor makes up."""

from ipaddress import ip_network

import pytest

from hidream_site.proxies import client_address, network_of, parse_address

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("192.0.2.1"), ip_network("2001:db8:1::/48")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        # Nobody in between, whatever is claimed.
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1, 10.0.0.1", "203.0.113.5"),
        # One proxy, and two.
        ("10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "198.51.100.1,203.0.113.5,192.0.2.1", "203.0.113.5"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.1, 192.0.2.1", "198.51.100.1"),
        # The proxy itself asks, or says nothing that is an address.
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "203.0.113.5, unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.5, <script>, 192.0.2.1", "192.0.2.1"),
        # As proxies write addresses.
        ("10.0.0.1", "203.0.113.5:4711", "203.0.113.5"),
        ("10.0.0.1", "[2001:db8::5]:4711", "2001:db8::5"),
        ("10.0.0.1", "2001:DB8::5", "2001:db8::5"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1::7", "2001:db8:2::5", "2001:db8:2::5"),
        # A socket file has no address: nobody vouches for what came through it.
        ("", "203.0.113.5", ""),
    ],
)
def test_client_is_the_first_that_no_proxy_of_ours_is(peer, forwarded, client):
    assert client_address(peer, forwarded, TRUSTED) == client


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:0:7:1:2:3:4", "2001:db8:0:7::/64"),
        ("2001:db8:0:7::", "2001:db8:0:7::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_limits_count_a_whole_network_of_ipv6(address, network):
    assert network_of(address) == network


@pytest.mark.parametrize(
    "text", ["", "unknown", "1.2.3", "1.2.3.4.5", "[", "[]", ":", "::1::2", "1.2.3.4, 5.6.7.8", "%"]
)
def test_what_is_no_address_is_none(text):
    assert parse_address(text) is None

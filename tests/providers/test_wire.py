import socket
import threading
import time
from ipaddress import ip_address

import pytest

from generations.providers import wire
from generations.providers.wire import Wire
from tests.eventually import eventually
from tests.providers.calls import LATE, LONG, SHORT, SOON, failure, not_sent


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("64:ff9b::5db8:d822", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.1", False),
        ("224.0.1.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_address_is_one_the_whole_internet_reaches(address, expected):
    assert wire.public(ip_address(address)) is expected


@pytest.mark.parametrize(
    ("address", "expected"), [("127.0.0.1", True), ("::1", True), ("93.184.216.34", True), ("10.0.0.1", False)]
)
def test_public_or_loopback_address_is_not_one_of_the_neighbours(address, expected):
    assert wire.public_or_loopback(ip_address(address)) is expected


def test_name_whose_look_up_hangs_is_given_up_in_time(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(LONG) and [])

    assert not_sent(failure("http://slow.test", deadline=SHORT)) == LATE
    over.set()


def test_wire_after_its_deadline_has_no_time_left():
    with Wire(0.01) as line:
        time.sleep(0.02)
        assert line.ended
        with pytest.raises(TimeoutError):
            line.left()


def test_wire_that_connects_at_the_last_moment_is_cut_at_once(monkeypatch):
    here, there = socket.socketpair()

    def connect(*_):
        eventually(lambda: line.ended)
        return here

    monkeypatch.setattr(socket, "create_connection", connect)
    with here, there, Wire(SOON) as line:
        line.open("127.0.0.1", 1, ())
        assert there.recv(1) == b""

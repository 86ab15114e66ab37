import socket

import pytest
from django.core.management import CommandError

from generations.management import ports


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_taken_port_is_not_free_for_any_address(listener):
    port = listener.getsockname()[1]

    assert not ports.is_free("127.0.0.1", port)
    assert not ports.is_free("0.0.0.0", port)


def test_asked_port_that_is_taken_is_refused_with_a_way_out(listener):
    port = listener.getsockname()[1]

    with pytest.raises(CommandError, match=f"Port {port} on 127.0.0.1 is taken.*leave PORT empty"):
        ports.choose_port("127.0.0.1", port)


def test_asked_port_that_is_free_is_taken():
    port = ports.free_port()

    assert ports.choose_port("127.0.0.1", port) == port


def test_default_port_that_is_taken_gives_the_next_free_one(listener, monkeypatch):
    port = listener.getsockname()[1]
    monkeypatch.setattr(ports, "DEFAULT_PORT", port)

    assert port < ports.choose_port("127.0.0.1", None) < port + ports.PORTS_TRIED


def test_address_of_another_machine_is_refused_with_a_way_out():
    with pytest.raises(CommandError, match=r"HOST 192\.0\.2\.1 cannot be listened on.*Use 127\.0\.0\.1"):
        ports.choose_port("192.0.2.1", None)


def test_answers_says_whether_somebody_listens(listener):
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"

    assert ports.answers(address)
    listener.close()
    assert not ports.answers(address)


@pytest.mark.parametrize(("host", "reached"), [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.168.1.5", "192.168.1.5")])
def test_reachable_is_where_this_machine_finds_itself(host, reached):
    assert ports.reachable(host) == reached

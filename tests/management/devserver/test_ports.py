import socket

import pytest
from django.core.management import CommandError

from generations.management.devserver import ports


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def is_free(host, port):
    try:
        with ports.held_port(host, port):
            return True
    except CommandError:
        return False


def test_taken_port_is_not_free_for_any_address(listener):
    port = listener.getsockname()[1]

    assert not is_free("127.0.0.1", port)
    assert not is_free("0.0.0.0", port)


def test_asked_port_that_is_taken_is_refused_with_a_way_out(listener):
    port = listener.getsockname()[1]

    with (
        pytest.raises(CommandError, match=f"Port {port} on 127.0.0.1 is taken.*leave PORT empty"),
        ports.held_port("127.0.0.1", port),
    ):
        pass


def test_asked_port_that_is_free_is_taken():
    port = ports.free_port()

    with ports.held_port("127.0.0.1", port) as held:
        assert held == port
    assert is_free("127.0.0.1", port)


def test_default_port_that_is_taken_gives_the_next_free_one(listener, monkeypatch):
    port = listener.getsockname()[1]
    monkeypatch.setattr(ports, "DEFAULT_PORT", port)

    with ports.held_port("127.0.0.1", None) as held:
        assert port < held < port + ports.PORTS_TRIED


def test_where_all_usual_ports_are_taken_any_free_one_will_do(monkeypatch):
    monkeypatch.setattr(ports, "PORTS_TRIED", 0)

    with ports.held_port("127.0.0.1", None) as held:
        assert held > 0


def test_held_port_is_taken_for_other_sites(monkeypatch):
    """Two sites that start at once, both before either of them listens."""
    monkeypatch.setattr(ports, "DEFAULT_PORT", ports.free_port())

    with ports.held_port("127.0.0.1", None) as mine, ports.held_port("127.0.0.1", None) as theirs:
        assert mine == ports.DEFAULT_PORT != theirs
        assert not is_free("0.0.0.0", mine)


def test_web_server_listens_on_the_port_that_is_held_for_it():
    """As granian does, with SO_REUSEPORT; every connection is its own, and the port stays taken when it stops."""
    with ports.held_port("127.0.0.1", None) as port:
        with socket.create_server(("127.0.0.1", port), reuse_port=True) as server:
            for _ in range(8):
                with socket.create_connection(("127.0.0.1", port), timeout=120):
                    server.accept()[0].close()
        assert not is_free("127.0.0.1", port)


def test_address_of_another_machine_is_refused_with_a_way_out():
    with (
        pytest.raises(CommandError, match=r"HOST 192\.0\.2\.1 cannot be listened on.*Use 127\.0\.0\.1"),
        ports.held_port("192.0.2.1", None),
    ):
        pass


def test_address_accepts_connections_while_something_listens(listener):
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"

    assert ports.accepts_connections(address)
    listener.close()
    assert not ports.accepts_connections(address)

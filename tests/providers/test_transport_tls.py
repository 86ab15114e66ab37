import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

from generations.errors import OutcomeUnknown
from generations.providers.transport import trust
from tests.infrastructure.programs import need
from tests.providers.calls import LATE, SHORT, failure, not_sent, post
from tests.providers.loopback.hostile import HEAD, PNG, Hostile, answer, drip_after, hang_after


@pytest.fixture
def server_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """Create a self-signed certificate for 127.0.0.1 at `tmp_path / "cert.pem"`; yield its server context."""
    openssl = need("openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    trust.cache_clear()
    yield context
    trust.cache_clear()


def test_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(server_tls):
    with Hostile(answer(), tls=server_tls) as server:
        assert not_sent(failure(server.url, deadline=3)) == "the certificate isn't trusted"
    assert server.requests == []


def test_certificate_for_another_name_is_refused(server_tls, tmp_path, monkeypatch):
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "cert.pem"))
    with Hostile(answer(), tls=server_tls) as server:
        error = failure(server.url.replace("127.0.0.1", "localhost"), deadline=3)

    assert not_sent(error) == "the certificate isn't trusted"


def test_call_by_tls_returns_the_answer(server_tls, tmp_path, monkeypatch):
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "cert.pem"))
    with Hostile(answer(), tls=server_tls) as server:
        assert post(server.url, deadline=3).body == PNG


@pytest.mark.parametrize(
    "behaviour", [hang_after(), drip_after(HEAD), drip_after(HEAD + b"Content-Length: 9999\r\n\r\n")]
)
def test_call_by_tls_that_drips_ends_in_time_as_a_doubt(server_tls, tmp_path, monkeypatch, behaviour):
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "cert.pem"))
    with Hostile(behaviour, tls=server_tls) as server:
        error = failure(server.url, deadline=SHORT)

    assert (isinstance(error, OutcomeUnknown), error.details) == (True, LATE)

"""Errors of an installation are reported at its start, with a remedy."""

import sys

import pytest
from django.core.checks import run_checks

from generations import checks
from generations.imaging import signing
from tests.infrastructure.certificates import certified


def found(check):
    return [message.id for message in check()]


def test_site_of_the_tests_has_nothing_to_complain_about(db):  # Django 6 asks the database what it can store
    assert [message for message in run_checks() if str(message.id).startswith("generations")] == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.segmind.com", []),
        ("http://127.0.0.1:8009", []),
        ("http://localhost", []),
        ("http://[::1]:8009", []),
        ("http://api.segmind.com", ["generations.E002"]),
        ("http://127.0.0.1.elsewhere.test", ["generations.E002"]),
        ("http://user@elsewhere.test", ["generations.E002"]),
        ("ftp://api.segmind.com", ["generations.E002"]),
        ("", ["generations.E002"]),
    ],
)
def test_key_travels_by_https_or_stays_on_this_machine(settings, url, expected):
    settings.SEGMIND_BASE_URL = url

    assert found(checks.provider_is_reached_safely) == expected


@pytest.mark.parametrize(("key", "expected"), [("", []), ("SG_of_somebody", ["generations.E002"])])
def test_service_of_the_emulator_needs_no_https_as_its_key_is_no_secret(settings, key, expected):
    settings.SEGMIND_BASE_URL, settings.SEGMIND_API_KEY = "http://emulator:8009", key

    assert found(checks.provider_is_reached_safely) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [("", []), ("https://history.example", []), ("http://history.example", ["generations.E002"])],
)
def test_history_gets_the_key_by_https_or_on_this_machine(settings, url, expected):
    settings.SEGMIND_HISTORY_URL = url

    assert found(checks.provider_is_reached_safely) == expected


def test_data_folder_that_cannot_be_written_is_an_error(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"

    assert found(checks.data_folder_is_writable) == ["generations.E003"]


@pytest.mark.parametrize(
    ("debug", "address", "expected"),
    [
        (True, "127.0.0.1:8000", []),
        (True, "localhost:8000", []),
        (True, "0.0.0.0:8000", ["generations.W001"]),
        (False, "0.0.0.0:8000", []),
    ],
)
def test_tracebacks_are_not_shown_to_the_network_unwarned(settings, debug, address, expected):
    settings.DEBUG, settings.SITE_ADDRESS = debug, address

    assert found(checks.debug_stays_at_home) == expected


@pytest.mark.parametrize(
    ("address", "given", "expected"),
    [
        ("https://gallery.example:8443", True, []),
        ("https://[::1]:8443", True, []),
        ("https://other.example", True, ["generations.E013"]),
        ("http://localhost:8000", False, []),
    ],
)
def test_address_of_the_site_is_one_of_its_hosts(settings, address, given, expected):
    settings.ALLOWED_HOSTS = [".gallery.example", "[::1]"]
    settings.SITE_URL, settings.SITE_URL_IS_GIVEN = address, given

    assert found(checks.site_answers_under_its_address) == expected


@pytest.mark.parametrize(
    ("backend", "given", "expected"),
    [("smtp", True, []), ("smtp", False, ["generations.W021"]), ("console", False, [])],
)
def test_emails_without_a_sender_are_warned_of(settings, backend, given, expected):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    settings.SENDER_IS_GIVEN = given

    assert found(checks.emails_have_a_sender) == expected


@pytest.fixture
def signs(settings, tmp_path):
    """Return a function that gives the site a certificate with these options."""

    def make(**options):
        certificate, key = certified(tmp_path / "authority", **options)
        settings.C2PA_CERTIFICATE, settings.C2PA_KEY = str(certificate), str(key)
        return certificate, key

    return make


def told(check):
    return [(message.id, message.msg) for message in check()]


def test_good_certificate_is_nothing_to_complain_about(signs):
    signs()

    assert found(checks.copies_can_be_signed) == []


def test_one_file_without_the_other_is_said(signs, settings):
    signs()
    settings.C2PA_KEY = ""

    assert told(checks.copies_can_be_signed) == [
        ("generations.E010", "C2PA_KEY is empty while C2PA_CERTIFICATE is set.")
    ]


def test_key_that_others_may_read_is_an_error(signs):
    _, key = signs()
    key.chmod(0o640)

    ((code, sentence),) = told(checks.copies_can_be_signed)
    assert (code, "can be read by others (mode 0640)" in sentence) == ("generations.E010", True)


def test_key_of_another_certificate_is_an_error(signs, tmp_path):
    _, key = signs()
    key.write_bytes(certified(tmp_path / "other")[1].read_bytes())

    ((code, sentence),) = told(checks.copies_can_be_signed)
    assert (code, "doesn't match" in sentence) == ("generations.E010", True)


def test_file_that_is_not_there_is_an_error(signs):
    certificate, _ = signs()
    certificate.unlink()

    ((code, sentence),) = told(checks.copies_can_be_signed)
    assert (code, "No such file" in sentence) == ("generations.E010", True)


def test_packages_that_are_missing_are_named(signs, monkeypatch):
    signs()
    signing._library.cache_clear()
    monkeypatch.setitem(sys.modules, "c2pa", None)

    ((code, sentence),) = told(checks.copies_can_be_signed)
    signing._library.cache_clear()
    assert (code, "aren't installed" in sentence) == ("generations.E010", True)
    assert "c2pa-python" in checks.NOT_SIGNING


@pytest.mark.parametrize(
    ("debug", "behind_tls", "expected"), [(False, False, ["generations.W022"]), (False, True, []), (True, False, [])]
)
def test_plain_http_in_production_is_warned_of(settings, debug, behind_tls, expected):
    settings.DEBUG, settings.BEHIND_TLS = debug, behind_tls

    assert found(checks.connections_are_encrypted) == expected


@pytest.mark.parametrize(("days", "expected"), [(-1, ["generations.E010"]), (10, ["generations.W010"]), (40, [])])
def test_end_of_the_certificate_is_said_in_time(signs, days, expected):
    signs(days=days)

    assert found(checks.copies_can_be_signed) == expected


def test_every_complaint_has_a_way_out(settings, tmp_path):
    settings.DEBUG, settings.SITE_ADDRESS, settings.DATA_DIR = True, "0.0.0.0:8000", tmp_path / "gone"
    settings.SEGMIND_BASE_URL = "http://elsewhere.test"
    complaints = [
        *checks.provider_is_reached_safely(), *checks.data_folder_is_writable(), *checks.debug_stays_at_home()
    ]  # fmt: skip
    settings.DEBUG = settings.BEHIND_TLS = False
    complaints += checks.connections_are_encrypted()

    assert len(complaints) == 4
    assert all(complaint.hint for complaint in complaints)

"""What is wrong with an installation is said at its start, with a way out."""

import pytest
from django.core.checks import run_checks

from generations import checks


def found(check):
    return [message.id for message in check()]


def test_site_of_the_tests_has_nothing_to_complain_about():
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


def test_every_complaint_has_a_way_out(settings, tmp_path):
    settings.DEBUG, settings.SITE_ADDRESS, settings.DATA_DIR = True, "0.0.0.0:8000", tmp_path / "gone"
    settings.SEGMIND_BASE_URL = "http://elsewhere.test"
    complaints = [
        *checks.provider_is_reached_safely(), *checks.data_folder_is_writable(), *checks.debug_stays_at_home()
    ]  # fmt: skip

    assert len(complaints) == 3
    assert all(complaint.hint for complaint in complaints)

"""Every message of the source can be found, and so translated."""

from pathlib import Path

from generations.management.messages import extract

ROOT = Path(__file__).resolve().parents[2]


def test_every_message_is_written_out():
    assert len(extract.messages(ROOT)) > 20

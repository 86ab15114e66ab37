"""The test world, built once for each module; what a request writes is rolled back after it."""

import pytest
from django.db import transaction
from django.test import override_settings

from tests.authorisation.world import build


@pytest.fixture(scope="module")
def built(tmp_path_factory, running_emulator, django_db_setup, django_db_blocker):
    folder = tmp_path_factory.mktemp("world")
    named = {
        "DATA_DIR": folder, "SEGMIND_BASE_URL": running_emulator.url, "SEGMIND_TIMEOUT": 5, "EMULATED": True,
    }  # fmt: skip
    running_emulator.control.clear()
    running_emulator.control.update({"drawing": "tiny"})
    with django_db_blocker.unblock(), override_settings(**named), transaction.atomic():
        yield build(folder, running_emulator)
        transaction.set_rollback(True)
    running_emulator.control.clear()


@pytest.fixture
def world(built, data_dir, settings):
    """Return the world with its own files, since every test has other ones."""
    settings.DATA_DIR = built.folder
    yield built
    settings.DATA_DIR = data_dir

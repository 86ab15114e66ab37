"""One deployment for all tests here: it takes half a minute to start."""

import pytest

from tests.infrastructure.deployment import healthy


@pytest.fixture(scope="package")
def deployment():
    with healthy() as deployment:
        yield deployment

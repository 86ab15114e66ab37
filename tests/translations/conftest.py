"""A site in the made-up language, with the world of the authorisation tests in it."""

import pytest
from django.test import override_settings
from django.utils.formats import reset_format_cache

from tests.authorisation.conftest import built, world
from tests.translations import pseudo_locale

__all__ = ["built", "world"]


@pytest.fixture(scope="module", autouse=True)
def made_up_language(tmp_path_factory):
    folder = tmp_path_factory.mktemp("locale")
    pseudo_locale.write(folder)
    language = pseudo_locale.LANGUAGE
    with override_settings(
        LOCALE_PATHS=[folder], LANGUAGES=[("en", "English"), (language, "made up")], LANGUAGE_CODE=language,
        FORMAT_MODULE_PATH="tests.translations.formats",
    ):  # fmt: skip
        reset_format_cache()  # Django forgets the formats of a language for some settings only, not for their module
        yield
    reset_format_cache()

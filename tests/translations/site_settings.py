"""Settings of a site in the made-up language, whose catalogue is in the folder that MADE_UP_LOCALE names."""

import os
from pathlib import Path

from hidream_site.settings import *  # noqa: F403
from tests.translations.pseudo_locale import LANGUAGE

LOCALE_PATHS = [Path(os.environ["MADE_UP_LOCALE"])]
LANGUAGES = [("en", "English"), (LANGUAGE, "made up")]
LANGUAGE_CODE = LANGUAGE
FORMAT_MODULE_PATH = "tests.translations.formats"

"""The site's own settings, with a data folder that goes and hashing that does not take its time."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="hidream-tests-")
# A process that this one starts shares the folder, and leaves its removal to this one.
if "HIDREAM_TEST_DATA" not in os.environ:
    os.environ["HIDREAM_TEST_DATA"] = _folder
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["DATA_DIR"] = os.environ["HIDREAM_TEST_DATA"]

from hidream_site.settings import *  # noqa: E402, F403  (the folder must be named first)

# A file: one in memory cannot be seen by another process, and makes its own threads fail where they should wait.
if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # each client would go through all files again
# WhiteNoise warns of a folder that is not there, and here a warning is an error.
STATIC_ROOT = DATA_DIR / "static"  # noqa: F405
STATIC_ROOT.mkdir(exist_ok=True)
SEGMIND_API_KEY = os.environ.get("HIDREAM_TEST_KEY", SEGMIND_API_KEY)  # noqa: F405  (key.py says why)
TIME_ZONE = "UTC"
LOGGING = {"version": 1, "disable_existing_loggers": False}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    "shared": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
# Nothing listens here: a test that wants a broker starts one. A message that is not taken is the sweeper's business.
CELERY_BROKER_URL = REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0")
SENDER_IS_GIVEN = True  # emails stay in memory

"""The provider's key of all tests: the emulator's, or the one that `make secret-scan` looks for afterwards."""

import os

from generations.conf import EMULATOR_KEY

# Not SEGMIND_API_KEY: whoever has that in the shell has a real one, and a test's child with it would ask the vendor.
VARIABLE = "HIDREAM_TEST_KEY"
KEY = os.environ.get(VARIABLE) or EMULATOR_KEY
# What emulators of tests take: a test may also look at a site that was given no key.
KEYS = {KEY, EMULATOR_KEY}

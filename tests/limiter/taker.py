"""A worker that does nothing but ask: `python -m tests.limiter.taker SECONDS` prints when it asked and was let through.

The times are those of the clock that all processes of the machine share; settings come from the environment.
"""

import os
import sys
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "hidream_site.settings"
django.setup()

from generations import limiter  # noqa: E402  (the settings must be there first)

limiter.ANSWER_SECONDS = 20  # grants are counted here, and a machine that stalls would be taken for an outage
NAP = 0.05  # so that a block or a long wait does not outlast the test


def main(seconds: float) -> None:
    began = time.monotonic()
    times = []
    while time.monotonic() < began + seconds:
        asked = time.monotonic()
        if wait := limiter.take():
            time.sleep(min(wait, NAP))
        else:
            times.append(f"{asked}:{time.monotonic()}")
    print(began, *times)


if __name__ == "__main__":
    main(float(sys.argv[1]))

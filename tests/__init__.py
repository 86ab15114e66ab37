"""The tests, and what measures and kills the site."""

import os

# Neither a test nor a process that it starts reads the `.env` of the checkout: a key in there is real.
os.environ["ENV_FILE"] = ""

"""The faults that a test can have the next requests meet."""

# Importing them registers their faults.
from generations.emulator.faults import body_faults, job_faults, refusals  # noqa: F401

"""The faults that a test can have the next requests meet."""

"""Private servers for tests, each in its own directory and removed after the test."""


class Unavailable(RuntimeError):
    """A program that the service needs is missing on this machine; the text names it."""

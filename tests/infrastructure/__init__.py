"""Private servers for tests: each in a directory of its own, gone with the test."""


class Unavailable(RuntimeError):
    """This machine lacks a program the service needs; the text says which."""

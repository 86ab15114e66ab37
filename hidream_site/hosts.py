"""What the site on one machine is called: letters and the terminal say the same, for another name is another cookie."""

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
THIS_MACHINE = LOOPBACK | {"0.0.0.0", "::", ""}  # noqa: S104  (compared, not bound)


def address_of(host: str, port: int) -> str:
    return f"http://{'localhost' if host in THIS_MACHINE else host}:{port}"

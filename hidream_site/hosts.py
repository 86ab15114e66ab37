"""Names of this machine; emails and the terminal use the same one, since cookies belong to a name."""

LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}
LOCAL_HOSTS = LOOPBACK_HOSTS | {"0.0.0.0", "::", ""}  # noqa: S104  (compared, not bound)


def site_origin(host: str, port: int) -> str:
    """Return the scheme, host and port of a site that listens there."""
    return f"http://{'localhost' if host in LOCAL_HOSTS else host}:{port}"

"""Names of browsers and systems, read from a user agent."""

BROWSERS = [
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("python-requests", "a program"), ("curl/", "curl"),
]  # fmt: skip
SYSTEMS = [
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
]  # fmt: skip
PHONES = {"iPhone", "iPad", "Android"}


def device(agent: str) -> str:
    browser = next((name for mark, name in BROWSERS if mark in agent), "An unknown browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


def is_phone(agent: str) -> bool:
    return next((name for mark, name in SYSTEMS if mark in agent), "") in PHONES

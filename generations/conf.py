"""The app's only reader of settings: a frozen, typed view of what it uses."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

EMULATOR_KEY = "SG_0123456789abcdef"
VENDOR_FILE_HOST = "images.segmind.com"


@dataclass(frozen=True)
class Conf:
    debug: bool
    data_dir: Path
    base_url: str
    api_key: str
    file_hosts: frozenset[str]
    timeout: float
    requests_per_minute: int
    redis_url: str
    emulated: bool
    emulator_allowed: bool
    emulator_speed_up: float
    accel_location: str
    metrics_token: str

    @property
    def lease_seconds(self) -> float:
        """How long a worker may hold a generation: one whole call, then a minute to store what came."""
        return self.timeout + 60


def conf() -> Conf:
    base_url = settings.SEGMIND_BASE_URL.rstrip("/")
    hosts = settings.SEGMIND_FILE_HOSTS or [VENDOR_FILE_HOST, urlsplit(base_url).hostname or ""]
    return Conf(
        debug=settings.DEBUG,
        data_dir=Path(settings.DATA_DIR),
        base_url=base_url,
        api_key=settings.SEGMIND_API_KEY or EMULATOR_KEY,
        file_hosts=frozenset(hosts),
        timeout=settings.SEGMIND_TIMEOUT,
        requests_per_minute=settings.SEGMIND_RPM,
        redis_url=settings.REDIS_URL,
        emulated=settings.EMULATED,
        emulator_allowed=settings.EMULATOR_ALLOWED,
        emulator_speed_up=settings.EMULATOR_SPEED_UP,
        accel_location=settings.ACCEL_LOCATION,
        metrics_token=settings.METRICS_TOKEN,
    )

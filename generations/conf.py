"""The app's only reader of settings: a frozen, typed view of those it uses."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

EMULATOR_KEY = "SG_0123456789abcdef"
VENDOR_FILE_HOST = "images.segmind.com"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
VENDOR_HISTORY = "https://api.spotprod.segmind.com"


@dataclass(frozen=True)
class Conf:
    """The settings. Keys and passwords are not in its repr, because a debug page shows the variables of every frame."""

    debug: bool
    data_dir: Path
    base_url: str
    history_url: str
    api_version: str
    api_key: str = field(repr=False)
    file_hosts: frozenset[str]
    timeout: float
    history_lag: float
    requests_per_minute: int
    worker_concurrency: int
    redis_url: str = field(repr=False)
    emulated: bool
    emulator_allowed: bool
    emulator_speed_up: float
    accel_location: str
    # The id of nginx's group; None: files belong to the site's own group.
    media_group: int | None
    store_seconds: float
    probe_seconds: float
    breaker_seconds: float
    least_free_bytes: int
    metrics_token: str = field(repr=False)
    mail_configured: bool
    mail_per_hour: int
    demo_on_network: bool
    everybody_makes_teams: bool
    # US dollars; None: a new team has no limit.
    new_team_monthly_limit: Decimal | None
    balance_alert_days: int
    # Of emails, which nobody asks for in a language of their own.
    language: str
    site_url: str
    # Whether the operator named it; a developer's pages may be reached under several names.
    site_url_is_given: bool
    largest_upload: int
    c2pa_certificate: str
    c2pa_key: str
    # The label of the button for OpenID Connect; empty: there is no button.
    openid_name: str

    @property
    def is_demo(self) -> bool:
        """Return whether the demo's users may sign in."""
        return self.emulated and self.debug

    @property
    def signs_copies(self) -> bool:
        return bool(self.c2pa_certificate and self.c2pa_key)

    @property
    def lease_seconds(self) -> float:
        """Return how long a worker may hold a generation: one whole call, then the time to store its answer."""
        return self.timeout + self.store_seconds


def conf() -> Conf:
    base_url = settings.SEGMIND_BASE_URL.rstrip("/")
    host = urlsplit(base_url).hostname or ""
    return Conf(
        debug=settings.DEBUG,
        data_dir=Path(settings.DATA_DIR),
        base_url=base_url,
        history_url=settings.SEGMIND_HISTORY_URL.rstrip("/") or _history_url(base_url, host),
        api_version=settings.SEGMIND_API_VERSION,
        api_key=settings.SEGMIND_API_KEY or EMULATOR_KEY,
        file_hosts=frozenset(settings.SEGMIND_FILE_HOSTS or [VENDOR_FILE_HOST, host]),
        timeout=settings.SEGMIND_TIMEOUT,
        history_lag=settings.SEGMIND_HISTORY_LAG,
        requests_per_minute=settings.SEGMIND_RPM,
        worker_concurrency=settings.WORKER_CONCURRENCY,
        redis_url=settings.REDIS_URL,
        emulated=settings.EMULATED,
        emulator_allowed=settings.EMULATOR_ALLOWED,
        emulator_speed_up=settings.EMULATOR_SPEED_UP,
        accel_location=settings.ACCEL_LOCATION,
        media_group=settings.MEDIA_GROUP,
        store_seconds=settings.STORE_SECONDS,
        probe_seconds=settings.PROBE_SECONDS,
        breaker_seconds=settings.BREAKER_SECONDS,
        least_free_bytes=settings.LEAST_FREE_BYTES,
        metrics_token=settings.METRICS_TOKEN,
        mail_configured=settings.EMAIL_BACKEND != CONSOLE,
        mail_per_hour=settings.MAIL_PER_HOUR,
        demo_on_network=settings.DEMO_ON_NETWORK,
        everybody_makes_teams=settings.TEAM_CREATION == "everybody",
        new_team_monthly_limit=settings.NEW_TEAM_MONTHLY_LIMIT,
        balance_alert_days=settings.BALANCE_ALERT_DAYS,
        language=settings.LANGUAGE_CODE,
        site_url=settings.SITE_URL,
        site_url_is_given=settings.SITE_URL_IS_GIVEN,
        largest_upload=settings.MAX_UPLOAD_BYTES,
        c2pa_certificate=settings.C2PA_CERTIFICATE,
        c2pa_key=settings.C2PA_KEY,
        openid_name=settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    )


def _history_url(base_url: str, host: str) -> str:
    """Return the host of the history; only Segmind has a separate one, which must not get another provider's key."""
    return VENDOR_HISTORY if f".{host}".endswith(".segmind.com") else base_url

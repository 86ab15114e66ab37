"""Every setting of the site.

What an operator may change is read from the environment, here and nowhere else; docs/configuration.md describes each
variable.
"""

import os
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from hidream_site import env, languages, logs
from hidream_site.hosts import site_origin
from hidream_site.sign_in import allauth_settings

# Only the user of the process may read what it writes; generations/storage/private.py lets nginx read pictures.
os.umask(0o077)
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

# --- Django -----------------------------------------------------------------------------------------------------

DEBUG = env.flag("DJANGO_DEBUG", default=True)
DEVELOPMENT_KEY = "development-only-key-that-production-refuses"
SECRET_KEY = env.text("DJANGO_SECRET_KEY", DEVELOPMENT_KEY)
SECRET_KEY_FALLBACKS = env.strings("DJANGO_SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.strings("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.strings("CSRF_TRUSTED_ORIGINS", [])
HOST, PORT = env.text("HOST", "127.0.0.1"), env.integer("PORT", 8000, low=1, high=65535)
SITE_ADDRESS = f"{HOST}:{PORT}"
# Off: a site in production is reached by plain HTTP, in a network where nobody can eavesdrop.
BEHIND_TLS = env.flag("BEHIND_TLS", default=True)
DEMO_ON_NETWORK = env.flag("DEMO_ON_NETWORK", default=False)
# The start of every address in emails, links and commands. In development pages prefer the host of the request.
SITE_URL = env.site_url("SITE_URL", site_origin(HOST, PORT) if DEBUG else "", allow_http=DEBUG or not BEHIND_TLS)
SITE_URL_IS_GIVEN = bool(env.text("SITE_URL"))

for _name, _value, _way in (
    ("DJANGO_SECRET_KEY", SECRET_KEY != DEVELOPMENT_KEY, "50 or more random characters"),
    ("ALLOWED_HOSTS", ALLOWED_HOSTS, "the site's host name"),
    ("SITE_URL", SITE_URL, "the address that people type, such as https://gallery.example.com"),
):
    if not DEBUG and not _value:
        raise ImproperlyConfigured(f"{_name} is empty while DJANGO_DEBUG is off; set it to {_way}.")

INSTALLED_APPS = [
    # First, so that our admin can unregister their models.
    *[f"allauth{name}" for name in ("", ".account", ".mfa", ".socialaccount")],
    "allauth.socialaccount.providers.openid_connect",
    "generations.apps.GenerationsConfig",
    "hidream_site.admin_site.GalleryAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "lucide",
]
MIDDLEWARE = [
    "hidream_site.middleware.RequestIdMiddleware",
    "hidream_site.proxies.TrustedProxiesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hidream_site.middleware.ContentSecurityPolicyMiddleware",
    "hidream_site.middleware.NoStoreMiddleware",
    "hidream_site.middleware.LanguageMiddleware",
    "hidream_site.middleware.ServiceUnavailableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hidream_site.middleware.SessionLastSeenMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "generations.views.site.unsent_forms.LoginRequired",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hidream_site.middleware.NotFoundPageMiddleware",
    "hidream_site.middleware.TooManyRequestsMiddleware",
]
TEMPLATE_LOADERS = ["hidream_site.template_loader.LayoutLoader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n"],
            "loaders": [("django.template.loaders.cached.Loader", TEMPLATE_LOADERS)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "generations.views.site.context_processors.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
ROOT_URLCONF, WSGI_APPLICATION = "hidream_site.urls", "hidream_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOCALE_PATHS, FORMAT_MODULE_PATH = [BASE_DIR / "generations" / "locale"], "hidream_site.formats"
LANGUAGES = languages.available(LOCALE_PATHS[0])
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", "en", [code for code, _ in LANGUAGES])
USE_I18N = USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# A file is looked at and not kept: it stays in memory, and a larger one is discarded. The largest picture has 32 MiB.
MAX_UPLOAD_BYTES = 40 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_UPLOAD_BYTES
# 500 pictures can be selected at once; other forms have few fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Data -------------------------------------------------------------------------------------------------------

DATABASES = {
    "default": env.database(
        "DATABASE_URL",
        {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "gallery.sqlite3",
            "CONN_MAX_AGE": 600,
            "OPTIONS": {
                # A writer takes its lock when it begins, so that a second one waits instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: an attempt that is committed as sent must survive a power cut, because it stands for money.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
            },
        },
    )
}
REDIS_URL = env.redis("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Shared by every process: a counter must not depend on which one answers.
    "shared": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "gallery",
        "OPTIONS": {"socket_connect_timeout": 0.25, "socket_timeout": 0.75},
    },
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "hidream_site.static_files.BundledStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static", ("help", BASE_DIR / "docs" / "screenshots")]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
# nginx delivers the files when this names its internal location; empty means Django does it itself.
ACCEL_LOCATION = env.text("ACCEL_LOCATION")
# nginx's group, by name or number: it may read the pictures and nothing else in the data folder.
MEDIA_GROUP = env.group("MEDIA_GROUP")
if ACCEL_LOCATION and MEDIA_GROUP is None:
    raise ImproperlyConfigured(
        "MEDIA_GROUP is empty while ACCEL_LOCATION is set, so nginx could read no picture; set it to nginx's group, "
        "such as www-data."
    )
# Files in PEM format; with both, copies that are downloaded are signed.
C2PA_CERTIFICATE, C2PA_KEY = env.text("C2PA_CERTIFICATE"), env.text("C2PA_KEY")

# --- Accounts ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "generations.User"
AUTHENTICATION_BACKENDS = ["generations.services.accounts.sign_in.ThrottledModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Who may create teams; the monthly limit of a new one in US dollars, None for no limit; and for how many days the
# provider's balance has to last before the administrators are alerted.
TEAM_CREATION = env.choice("TEAM_CREATION", "superusers", ["superusers", "everybody"])
NEW_TEAM_MONTHLY_LIMIT = env.dollars("NEW_TEAM_MONTHLY_LIMIT", "10")
BALANCE_ALERT_DAYS = env.integer("BALANCE_ALERT_DAYS", 7, low=0, high=365)
PASSWORD_RESET_TIMEOUT = 3600
OIDC_ISSUER = env.origin("OIDC_ISSUER", allow_local_http=DEBUG)
# The label of the button on the sign-in page.
OIDC_NAME = env.text("OIDC_NAME", "single sign-on")
_secret = env.text("OIDC_CLIENT_SECRET") or env.file_content("OIDC_CLIENT_SECRET_FILE")
_openid = {"issuer": OIDC_ISSUER, "name": OIDC_NAME, "client_id": env.text("OIDC_CLIENT_ID"), "secret": _secret}
globals().update(allauth_settings(**_openid))
LOGIN_URL, LOGIN_REDIRECT_URL = "login", "home"
# The sign-in page confirms it, and its script discards unsent drafts.
LOGOUT_REDIRECT_URL = "/login/?signed-out"

# --- Security ---------------------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
    "connect-src": "'self'", "font-src": "'self'", "manifest-src": "'self'", "form-action": "'self'",
    "base-uri": "'none'", "frame-ancestors": "'none'",
}  # fmt: skip
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "generations.models.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "generations.views.site.error_pages.csrf_failure"
# A request with it may read /metrics; empty: loopback only.
METRICS_TOKEN = env.text("METRICS_TOKEN")
if 0 < len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured(f"METRICS_TOKEN has {len(METRICS_TOKEN)} characters; set it to 16 random ones or more.")
# The proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted. In production one on this machine is as well.
TRUSTED_PROXIES = [*([] if DEBUG else map(ip_network, ("127.0.0.1", "::1"))), *env.networks("TRUSTED_PROXIES")]
# TLS ends at the proxy; proxies.py drops the header when another client sends it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
if BEHIND_TLS and not DEBUG:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sid", "__Host-csrf"

# --- The provider -----------------------------------------------------------------------------------------------

SEGMIND_API_KEY = env.text("SEGMIND_API_KEY")
SEGMIND_BASE_URL = env.text(
    "SEGMIND_BASE_URL", "https://api.segmind.com" if SEGMIND_API_KEY else "http://127.0.0.1:8009"
)
SEGMIND_FILE_HOSTS = env.strings("SEGMIND_FILE_HOSTS", [])
# The rate limit of the plan, for all workers together; 0 means no limit.
SEGMIND_RPM = env.integer("SEGMIND_RPM", 50, low=0, high=1_000_000)
# How often a paused provider is asked for its balance, and at first about unknown outcomes.
PROBE_SECONDS = env.number("PROBE_SECONDS", 60, low=1, high=3600)
# How long it may take to store an answer; how soon a failing provider is tried again; no orders below this free space.
STORE_SECONDS, BREAKER_SECONDS, LEAST_FREE_BYTES = 60.0, 30.0, 200 * 1024 * 1024
SEGMIND_API_VERSION = env.choice("SEGMIND_API_VERSION", "v1", ["v1", "v2"])
SEGMIND_TIMEOUT = env.number("SEGMIND_TIMEOUT", 150, low=1, high=3600)
# Empty: conf.py derives it from the base address.
SEGMIND_HISTORY_URL = env.text("SEGMIND_HISTORY_URL")
# The provider's lists are up to two hours late; until then a missing call may still appear.
SEGMIND_HISTORY_LAG = env.number("SEGMIND_HISTORY_LAG", 7200, low=0, high=604_800)
# Without a key, the emulator generates the pictures.
EMULATED = not SEGMIND_API_KEY
EMULATOR_ALLOWED = env.flag("EMULATOR_ALLOWED", default=DEBUG)
if EMULATED and not EMULATOR_ALLOWED:
    raise ImproperlyConfigured(
        "SEGMIND_API_KEY is empty while DJANGO_DEBUG is off; set it, or set EMULATOR_ALLOWED=1 when emulated "
        "pictures are what you want."
    )
EMULATOR_SPEED_UP = env.number("EMULATOR_SPEED_UP", 1, low=0.01, high=100_000)
WORKER_CONCURRENCY = env.integer("WORKER_CONCURRENCY", 32, low=1, high=512)

# --- Mail -------------------------------------------------------------------------------------------------------

globals().update(env.mail("EMAIL_URL"))
SENDER_IS_GIVEN = bool(env.text("DEFAULT_FROM_EMAIL"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.sender("DEFAULT_FROM_EMAIL", f"gallery@{urlsplit(SITE_URL).hostname}")
# A mail server that does not answer must not block the process that alerts the administrators.
EMAIL_TIMEOUT = 10
MAIL_PER_HOUR = env.integer("MAIL_PER_HOUR", 500, low=1, high=1_000_000)

# --- Celery: a message only announces work, the database is the truth ----------------------------------------------

CELERY_BROKER_URL = REDIS_URL
# States are in the database; results would duplicate them.
CELERY_RESULT_BACKEND, CELERY_TASK_IGNORE_RESULT = None, True
# One id as JSON: write access to Redis must not become code execution.
CELERY_TASK_SERIALIZER, CELERY_ACCEPT_CONTENT = "json", ["json"]
# Acknowledged before it runs: otherwise a redelivered message could start a paid call again.
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = False
# A ten-second call must not hold other messages back.
CELERY_WORKER_PREFETCH_MULTIPLIER, CELERY_WORKER_DISABLE_PREFETCH = 1, True
CELERY_WORKER_SEND_TASK_EVENTS = False
# The HTTP client has a total deadline of its own; a paid call is never killed from outside.
CELERY_TASK_TIME_LIMIT = None
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = SEGMIND_TIMEOUT
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP, CELERY_BROKER_CONNECTION_MAX_RETRIES = True, None
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 2, "health_check_interval": 5,
    "retry_on_timeout": True,
}  # fmt: skip
CELERY_TASK_DEFAULT_QUEUE = "generate"
CELERY_TASK_ROUTES = {"generations.thumbnails": {"queue": "thumbnails"}}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- Logs -------------------------------------------------------------------------------------------------------

LOGGING = logs.LOGGING

"""Settings: everything comes from the environment, with defaults that run the whole product on one machine.

`FOLLOWTHROUGH_MODE=embedded` (the default) needs no variable at all: SQLite, an embedded broker and a secret key live
in the data folder. `FOLLOWTHROUGH_MODE=production` takes nothing for granted and stops, naming what is missing.
"""

import contextlib
import os
import secrets
from ipaddress import ip_network
from pathlib import Path
from typing import Any, ClassVar

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(environ.Env):
    """Names the variable and what it takes when its value makes no sense; an empty one is an unset one."""

    ENVIRON: ClassVar = {name: value for name, value in os.environ.items() if value}

    def get_value(self, var: str, cast: Any = None, **options: Any) -> Any:
        given = self.ENVIRON.get(var, "")
        if cast is bool and given and given.lower() not in ("true", "on", "yes", "1", "false", "off", "no", "0"):
            raise ImproperlyConfigured(f"{var} is {given!r}; it takes 'on' or 'off'.")
        try:
            return super().get_value(var, cast=cast, **options)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} is {given!r}; it takes numbers only.") from error

    def address(self, var: str, default: str, *schemes: str) -> str:
        """The value may hold a password, so the complaint does not repeat it."""
        value = self.str(var, default)
        if value and not value.startswith(schemes):
            raise ImproperlyConfigured(f"{var} must start with {' or '.join(schemes)}.")
        return value


env = Environment()
VERSION = "0.1.0"

MODE = env.str("FOLLOWTHROUGH_MODE", "embedded")
if MODE not in ("embedded", "production"):
    raise ImproperlyConfigured(f"FOLLOWTHROUGH_MODE is {MODE!r}; it takes 'embedded' or 'production'.")
IN_PRODUCTION = MODE == "production"
if IN_PRODUCTION:
    required = ("SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL", "REDIS_URL")
    if missing := [name for name in required if not os.environ.get(name)]:
        raise ImproperlyConfigured(f"In production these variables must be set: {', '.join(missing)}.")
    if len(os.environ["SECRET_KEY"]) < 32:
        raise ImproperlyConfigured("SECRET_KEY is too short: give at least 32 random characters.")

DATA_DIR = Path(env.str("FOLLOWTHROUGH_DATA", str(BASE_DIR / "var"))).resolve()


def _local_secret() -> str:
    """The embedded installation's own key, made once and readable by its owner only."""
    path = DATA_DIR / "secret_key"
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):  # another process was faster; its key is as good
                os.link(draft, path)
            draft.unlink()
        return path.read_text().strip()
    except OSError as error:
        remedy = "Free some space, or set FOLLOWTHROUGH_DATA to a folder of yours."
        raise ImproperlyConfigured(f"{DATA_DIR} cannot hold the data ({error.strerror}). {remedy}") from error


DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or _local_secret()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.address("SITE_URL", "http://127.0.0.1:8000", "http://", "https://").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "tracker.accounts",
    "tracker.search",
    "tracker.feeds",
    "tracker.pledges",
    "tracker.matching",
    "tracker.digests",
    "tracker.dashboard",
    "tracker.operations",
    "allauth",
    "allauth.account",
    "django_htmx",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads at random, so that no length tells a token (BREACH)
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "tracker.accounts.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["tracker.dashboard.templatetags.parts"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tracker.dashboard.context.navigation",
            ],
        },
    },
]

# -- Database: SQLite serves one machine, PostgreSQL many workers.
env.address("DATABASE_URL", "", "sqlite:///", "postgres://", "postgresql://")
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'followthrough.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock first, so that writers wait in turn instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Sixteen megabytes of pages in memory: what a large index needs to be added to.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000",
    }
else:
    DATABASES["default"].update({"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True})
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)

# The cache holds rate limits only; in the database it outlives a broker that is down.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
}

# -- People
AUTH_USER_MODEL = "accounts.User"
FIRST_ACCOUNT = env.str("FIRST_ACCOUNT", "editor@example.org")
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "tracker.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "tracker.accounts.forms.SignInForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.partition(":")[0]
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)

# -- Words and clocks
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# -- Static files: hashed names, kept for ever by browsers.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# -- Mail: without EMAIL_URL every mail lands in the outbox page, so that a newcomer sees it.
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", "Followthrough <followthrough@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if env.address("EMAIL_URL", "", "smtp://", "smtp+tls://", "smtp+ssl://"):
    if not env.str("MAIL_FROM", ""):
        raise ImproperlyConfigured("EMAIL_URL is set; set MAIL_FROM too, so that mails name a sender of yours.")
    _mail = env.email_url("EMAIL_URL")
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": _mail["EMAIL_HOST"],
                "port": _mail["EMAIL_PORT"],
                "username": _mail["EMAIL_HOST_USER"] or "",
                "password": _mail["EMAIL_HOST_PASSWORD"] or "",
                "use_tls": _mail.get("EMAIL_USE_TLS", False),
                "use_ssl": _mail.get("EMAIL_USE_SSL", False),
                "timeout": env.int("EMAIL_TIMEOUT", 30),
            },
        }
    }
else:
    MAILERS = {"default": {"BACKEND": "tracker.digests.outbox.OutboxBackend"}}

# -- Digests: who reads the query of a saved list, which only the pages above them know.
FOLLOWED_LIST_READER = "tracker.dashboard.lists.pledges_found"

# -- Jobs: the database is the schedule; messages carry ids only and may be lost without harm.
BROKER_SOCKET = Path(env.str("BROKER_SOCKET", str(DATA_DIR / "broker.sock")))
REDIS_URL = env.address("REDIS_URL", "", "redis://", "rediss://")
CELERY_BROKER_URL = REDIS_URL or f"redis+socket://{BROKER_SOCKET}?virtual_host=0"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker may be away for a night; nobody gives up
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ROUTES = {
    "tracker.feeds.tasks.poll_*": {"queue": "poll"},
    "tracker.feeds.tasks.refine_*": {"queue": "match"},
    "tracker.pledges.tasks.*": {"queue": "poll"},
    "tracker.matching.tasks.fetch_*": {"queue": "poll"},
    "tracker.matching.tasks.*": {"queue": "match"},
    "tracker.digests.tasks.*": {"queue": "mail"},
}
CELERY_TASK_DEFAULT_QUEUE = "poll"
CELERY_BEAT_SCHEDULER = "tracker.operations.tasks:Scheduler"
_TICK = env.float("TICK_SECONDS", 30)
# A message that nobody took before the next one is sent is dropped: a pile of them would say nothing new.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = (
    {
        task: {"task": task, "schedule": _TICK, "options": {"expires": max(_TICK * 0.8, 1)}}
        for task in (
            "tracker.feeds.tasks.poll_due_feeds",
            "tracker.feeds.tasks.poll_hubs",
            "tracker.feeds.tasks.refine_new_articles",
            "tracker.pledges.tasks.check_due_evidence",
            "tracker.matching.tasks.suggest_for_new_articles",
            "tracker.matching.tasks.rematch_articles",
            "tracker.matching.tasks.fetch_due_pages",
            "tracker.digests.tasks.plan_due_digests",
            "tracker.digests.tasks.send_planned_digests",
        )
    }
    | {
        task: {"task": task, "schedule": 3600.0, "options": {"expires": 3000}}
        for task in ("tracker.matching.tasks.forget_what_is_old", "tracker.matching.tasks.learn_from_decisions")
    }
    | {
        f"heartbeat of {queue}": {
            "task": "tracker.operations.tasks.heartbeat",
            "kwargs": {"queue": queue},
            "schedule": 10.0,
            "options": {"queue": queue, "expires": 30},
        }
        for queue in ("poll", "match", "mail")
    }
)

# -- Fetching: the public Internet only, unless an administrator names a network.
try:
    FETCH_ALLOWED_NETWORKS = [ip_network(name) for name in env.list("FETCH_ALLOWED_NETWORKS", default=[])]
    FETCH_ALLOWED_PORTS = [int(port) for port in env.list("FETCH_ALLOWED_PORTS", default=["80", "443", "8080", "8443"])]
except ValueError as error:
    raise ImproperlyConfigured(
        f"FETCH_ALLOWED_NETWORKS takes networks like 10.1.0.0/16, FETCH_ALLOWED_PORTS port numbers: {error}."
    ) from error
POLL_PACE_SECONDS = env.float("POLL_PACE_SECONDS", 1.0)  # between the starts of two requests for feeds of one server
FETCH_CONTACT = env.str("FETCH_CONTACT", SITE_URL)
# Feeds are pushed by their hubs only where the world can reach us; the address that answers as this site does.
WEBSUB_CALLBACK = env.address("WEBSUB_CALLBACK", "", "http://", "https://").rstrip("/")
FEED_ALERT_DAYS = env.int("FEED_ALERT_DAYS", 1)
ARTICLE_TEXT_DAYS = env.int("ARTICLE_TEXT_DAYS", 90)  # of articles in which nothing was found; 0 keeps them for ever
if ARTICLE_TEXT_DAYS < 0:
    raise ImproperlyConfigured(f"ARTICLE_TEXT_DAYS is {ARTICLE_TEXT_DAYS}; it takes a number of days, or 0.")

ARTICLE_PAGES = env.bool("ARTICLE_PAGES", True)  # read the pages behind suggested articles

# -- Evidence: what a link said is kept here; a public archive is asked only where one is named.
EVIDENCE_COPIES = env.bool("EVIDENCE_COPIES", True)
WEB_ARCHIVE_URL = env.address("WEB_ARCHIVE_URL", "", "http://", "https://")

# -- Security
IS_HTTPS = SITE_URL.startswith("https://")
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_HTTPS_PROXY", False) else None
SECURE_SSL_REDIRECT = IN_PRODUCTION and IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|statusz)$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31_536_000 if IN_PRODUCTION and IS_HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-sid" if IS_HTTPS else "sid"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "tracker.dashboard.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
SILENCED_SYSTEM_CHECKS: list[str] = []

LOG_LEVEL = env.str("LOG_LEVEL", "").upper()
if LOG_LEVEL not in ("", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    raise ImproperlyConfigured(f"LOG_LEVEL is {LOG_LEVEL!r}; it takes DEBUG, INFO, WARNING, ERROR or CRITICAL.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL or "INFO"},
    "loggers": {"celery": {"level": LOG_LEVEL or "WARNING"}},
}

"""Settings. Every value comes from `console.environment`; docs/operations.md lists them all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import django_stubs_ext
from csp.constants import NONE, SELF, UNSAFE_EVAL
from django.urls import reverse_lazy

from console import environment, logs
from console.admin.unfold_settings import UNFOLD  # noqa: F401  a setting

# Lets the type parameters of Django's generic classes stand in class headers.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.load()
VERSION = environment.version()

# --- What is real and what is local ------------------------------------------------------------
LOCAL = env.flag("LOCAL_SERVICES")  # written by `manage.py up` when nothing real is configured
DEBUG = False
# Good enough for commands that sign nothing; wsgi.py refuses to serve pages with it.
INSECURE_KEY = "django-insecure-" + "0" * 50
SECRET_KEY = env.secret("SECRET_KEY", INSECURE_KEY)
FIELD_KEYS = env.secret("FIELD_KEYS").split(",") if env.secret("FIELD_KEYS") else []
METRICS_TOKEN = env.secret("METRICS_TOKEN")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the plain one would put its own site in place of ours
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "console.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_rq",
    "ninja",  # for its pages' scripts: without it they come from a stranger's server, inline
    "console.apps.ConsoleConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "console.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "console.middleware.NoStoreMiddleware",
]
ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Stores --------------------------------------------------------------------------------------
DATABASE_URL = env.secret("DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/console")
DATABASES = {"default": environment.database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.secret("REDIS_URL", "redis://127.0.0.1:6379/0")
RQ_QUEUES = {
    "outbound": {
        "URL": REDIS_URL,
        # A drain ends by itself after a minute and the batch it then has in hand: a dozen calls of
        # products at most, each as patient as SALESFORCE_PATIENCE. Who is stopped is struck.
        "DEFAULT_TIMEOUT": 1800,
        # A page must not wait for a dead Redis: ringing is best effort.
        "REDIS_CLIENT_KWARGS": {
            "socket_timeout": 0.5,
            "socket_connect_timeout": 0.5,
            "retry": None,
        },
    },
}
RQ = {"JOB_CLASS": "console.doorbell.DoorbellJob"}
RQ_SHOW_ADMIN_LINK = False  # any staff user could empty a queue there

# --- Sign-in -------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["console.backend.ConsoleBackend"]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

# --- Browser -------------------------------------------------------------------------------------
HTTPS = env.flag("HTTPS", default=not LOCAL)
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else f"session_{env.integer('PORT', 8000)}"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else f"csrf_{env.integer('PORT', 8000)}"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # Unfold's Alpine evaluates its attributes; nothing else is loosened for it.
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LOGGING = logs.configuration()

# --- Words, times, files -----------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# While developing and in tests: straight from the folders, nothing collected or compressed.
UNCOLLECTED = env.flag("UNCOLLECTED_STATIC")
STATIC_ROOT = None if UNCOLLECTED else environment.data_dir() / "staticfiles"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = UNCOLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if UNCOLLECTED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Salesforce --------------------------------------------------------------------------------
SALESFORCE = {
    "URL": env.text("SALESFORCE_URL"),
    "CLIENT_ID": env.secret("SALESFORCE_CLIENT_ID"),
    "CLIENT_SECRET": env.secret("SALESFORCE_CLIENT_SECRET"),
    "USERNAME": env.text("SALESFORCE_USERNAME"),
    "PRIVATE_KEY": env.secret("SALESFORCE_PRIVATE_KEY"),
}
POLL_EVERY = timedelta(seconds=env.integer("POLL_SECONDS", 60))
SWEEP_EVERY = timedelta(seconds=env.integer("SWEEP_SECONDS", 5))
SALESFORCE_LONGEST = timedelta(seconds=env.integer("SALESFORCE_LONGEST_SECONDS", 600))
SALESFORCE_PATIENCE = timedelta(seconds=env.integer("SALESFORCE_PATIENCE_SECONDS", 110))
PUSH_LEASE = timedelta(seconds=env.integer("PUSH_LEASE_SECONDS", 20))
PUSH_THREADS = env.integer("PUSH_THREADS", 2)
PUSH_PROCESSES = env.integer("PUSH_PROCESSES", 2)
INBOUND_TOLERANCE = timedelta(minutes=5)
RECONCILE_EVERY = timedelta(hours=env.integer("RECONCILE_HOURS", 24))
SYNC_LOG_KEPT = timedelta(days=env.integer("SYNC_LOG_KEPT_DAYS", 400))

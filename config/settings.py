"""Every setting of the portal, read from the environment; docs/settings.md describes each one."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import env, logging
from config.axes import *  # noqa: F403 -- django-axes has a dozen settings of its own
from config.queue import *  # noqa: F403 -- likewise

BASE_DIR = Path(__file__).resolve().parent.parent

LOGGING = logging.LOGGING

# --- Who we are ---------------------------------------------------------------------------------

DEBUG = env.read("DEBUG", env.boolean, default="false")
SECRET_KEY = env.read("SECRET_KEY", env.secret_key)
BASE_URL = env.read("BASE_URL", env.origin)
# Redirect URIs are built from BASE_URL, so other names are only ever redirected from.
ALLOWED_HOSTS = env.read("ALLOWED_HOSTS", env.words, default=urlsplit(BASE_URL).hostname or "")
PORTAL_NAME = env.read("PORTAL_NAME", env.text, default="Foyer")
PORTAL_TAGLINE = env.read("PORTAL_TAGLINE", env.text, default="")
PORTAL_SUPPORT_EMAIL = env.read("PORTAL_SUPPORT_EMAIL", env.email, default="")
PORTAL_PRIVACY_URL = env.read("PORTAL_PRIVACY_URL", env.web_address, default="")
PORTAL_ACCESSIBILITY_URL = env.read("PORTAL_ACCESSIBILITY_URL", env.web_address, default="")
PORTAL_STATUS_URL = env.read("PORTAL_STATUS_URL", env.web_address, default="")
TRUSTED_PROXIES = env.read("TRUSTED_PROXIES", env.networks, default="")

HTTPS = BASE_URL.startswith("https://")
if DEBUG and HTTPS:
    raise ImproperlyConfigured("DEBUG: refused with an https BASE_URL; it shows secrets on errors.")

# --- What we are made of ------------------------------------------------------------------------

INSTALLED_APPS = [
    "console.apps.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_structlog",
    "pgtrigger",
    "procrastinate.contrib.django",
    "axes",
    "audit",
    "partners",
    "mails",
    "people",
    "tokens",
    "federation",
    "onboarding",
    "console",
    "demo",
]

MIDDLEWARE = [
    # The headers first, so that no answer of the others goes without them.
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.Headers",
    "config.middleware.TrustedProxies",
    "config.middleware.CanonicalHost",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "people.middleware.AtWork",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.OwnForms",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.request_log.RequestLog",
    "config.middleware.CanonicalPath",
    "config.middleware.MethodNotAllowed",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.portal",
            ],
        },
    },
]

# --- Where things are kept ----------------------------------------------------------------------

WEB_THREADS = env.read("WEB_THREADS", env.integer(least=1, most=256), default="8")
DATABASES = {"default": env.read("DATABASE_URL", env.database)}
# In code and not in the URL: there ``?pool=true`` becomes the string "true" and crashes.
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    # Given up soon, reconnecting begins anew with the next request: it would else be tried the less
    # often the longer an outage lasts, and go on for as long again.
    "pool": {"min_size": 1, "max_size": WEB_THREADS + 2, "timeout": 2, "reconnect_timeout": 5},
    "connect_timeout": 5,
    # A statement is parsed and planned once a connection, and not with every request.
    "server_side_binding": True,
    "prepare_threshold": 2,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHE_URL = env.read("CACHE_URL", env.redis, default="")
SECRETS_KEYS = env.read("SECRETS_KEYS", env.key_ring)

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Else every site could read the files, and tell by them which version this is.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Who is signed in ---------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    # First: it stops a guess before the password is looked at.
    "axes.backends.AxesStandaloneBackend",
    "federation.backend.PartnerBackend",
    "federation.staff.StaffBackend",
    "people.staff.StaffPasswordBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"

SESSION_MAX_AGE = env.read(
    "SESSION_MAX_AGE", env.integer(least=60, most=30 * 86400), default="43200"
)
SESSION_IDLE = env.read("SESSION_IDLE", env.integer(least=60, most=30 * 86400), default="1800")
REMEMBER_BY_DEFAULT = env.read("REMEMBER_BY_DEFAULT", env.boolean, default="true")
SERVICE_ORIGINS = env.read("SERVICE_ORIGINS", env.origins, default="")
SESSION_ENGINE = "people.session_store"
SESSION_COOKIE_AGE = SESSION_MAX_AGE
SESSION_SAVE_EVERY_REQUEST = False
# Lax, not Strict: the provider's redirect back to us is a cross-site top-level GET, and a page
# opened from a partner's intranet must find the person signed in.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}foyer-session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}foyer-csrf"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}foyer-language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "federation.views.csrf_failure"

# Onboarding's, which knows remedies and who is at work on a set-up; federation lies below it.
TRIAL_RESULT_VIEW = "onboarding.trials.result_page"
TRIAL_PERMISSION = "onboarding.trials.may_still_test"
# Asked about the domain of whoever doesn't know which product the company has; empty: not asked.
MICROSOFT_DIRECTORY = "https://login.microsoftonline.com/{domain}/v2.0"

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Partners' providers ------------------------------------------------------------------------

FEDERATION_TRUSTED_ENDPOINTS = env.read("FEDERATION_TRUSTED_ENDPOINTS", env.endpoints, default="")

# Of three owners, and each validates DNSSEC: two have to agree before a domain is believed proved.
DNS_RESOLVERS = env.read("DNS_RESOLVERS", env.name_servers, default="1.1.1.1,9.9.9.9,8.8.8.8")

# --- Mails, and what is done in the background --------------------------------------------------

# Refuses every mail, unless EMAIL_URL names a server: Django's own default is one on this machine.
EMAIL_BACKEND = "mails.server.NoServer"
MAIL_SERVER = env.read("EMAIL_URL", env.mail_server, default="")
globals().update(MAIL_SERVER)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.read("MAIL_FROM", env.mailbox, default=PORTAL_SUPPORT_EMAIL)
if MAIL_SERVER and not DEFAULT_FROM_EMAIL:
    raise ImproperlyConfigured("MAIL_FROM is required where EMAIL_URL is set, and not set.")

# --- What the services get ----------------------------------------------------------------------

TOKEN_ISSUER = env.read("TOKEN_ISSUER", env.choice("cognito"), default="cognito")
COGNITO_IDENTITY_POOL_ID = env.read("COGNITO_IDENTITY_POOL_ID", env.identity_pool_id, default="")
COGNITO_DEVELOPER_PROVIDER_NAME = env.read(
    "COGNITO_DEVELOPER_PROVIDER_NAME", env.developer_provider_name, default=""
)
COGNITO_TOKEN_DURATION = env.read(
    "COGNITO_TOKEN_DURATION", env.integer(least=60, most=86400), default="900"
)
TOKEN_TO_BROWSER = env.read("TOKEN_TO_BROWSER", env.boolean, default="false")

# --- Headers ------------------------------------------------------------------------------------

SECURE_HSTS_SECONDS = 2 * 365 * 86400 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# config.middleware.CanonicalHost redirects to BASE_URL, scheme included.
SECURE_SSL_REDIRECT = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **{name: [NONE] for name in ("default-src", "frame-ancestors", "base-uri")},
        **{name: [SELF] for name in ("script-src", "style-src", "img-src", "connect-src")},
        "form-action": [SELF],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- Languages ----------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

SILENCED_SYSTEM_CHECKS = [
    # User.email is unique by a constraint on Lower("email"), which the check does not know.
    "auth.W004",
    # What comes by plain http is redirected by config.middleware, host and scheme at once.
    "security.W008",
]
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # DEBUG: one line a request, when it is answered
DJANGO_STRUCTLOG_USER_ID_FIELD = None

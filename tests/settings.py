"""The real settings, with what tests must not share."""

import base64
import os

os.environ.setdefault("SECRET_KEY", "tests-only-" + "0123456789abcdef" * 4)
os.environ.setdefault("SECRETS_KEYS", base64.b64encode(b"k" * 32).decode())
os.environ.setdefault("BASE_URL", "https://testserver")
# Nobody is there: no test asks a name server that it has not started.
os.environ.setdefault("DNS_RESOLVERS", "127.0.0.1:9,127.0.0.2:9")
os.environ.setdefault("DATABASE_URL", "postgres://foyer:foyer@127.0.0.1:5432/foyer")

from config.settings import *  # noqa: F403 -- the environment has to stand first

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Static files are collected for the production server, which the browser tests start.
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]  # noqa: F405
# No test leaves this machine.
MICROSOFT_DIRECTORY = ""

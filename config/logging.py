"""What is written to standard output: one JSON object a line, with the request's id."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_LINK = re.compile(r"(?:(?<=/setup/)|(?<=/login/link/))[\w-]{20,}")

SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def without_links(
    logger: object, name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Return the line without the tokens of mailed links, which are in the paths of requests."""
    return {
        key: _LINK.sub("…", value) if isinstance(value, str) else value
        for key, value in event.items()
    }


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": SHARED_PROCESSORS,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_links,
                structlog.processors.JSONRenderer(),
            ],
        },
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "json",
        },
    },
    "root": {"handlers": ["stdout"], "level": "INFO"},
    "loggers": {
        # At DEBUG these print bodies and headers: codes, secrets, tokens.
        "botocore": {"level": "WARNING"},
        "boto3": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "django.db.backends": {"level": "WARNING"},
        # One line a request is written by django_structlog already.
        "django.server": {"level": "WARNING"},
        "django_structlog": {"level": "INFO"},
        # Several lines for each job; what a job did has a line of its own, or a row of the trail.
        "procrastinate": {"level": "WARNING"},
        # It tells of every wrong password in four lines; console.guesses tells when it matters.
        "axes": {"level": "ERROR"},
        # It says what the request's own line says already, without the request's id.
        "django.request": {"level": "CRITICAL"},
        # So does a form that is too large: anybody could set off alerts by sending one.
        "django.security.TooManyFieldsSent": {"level": "CRITICAL"},
        "django.security.TooManyFilesSent": {"level": "CRITICAL"},
        "django.security.RequestDataTooBig": {"level": "CRITICAL"},
        "django.security.SuspiciousMultipartForm": {"level": "CRITICAL"},
    },
}

structlog.configure(
    processors=[
        *SHARED_PROCESSORS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)

"""A pytest plugin: the run has a PostgreSQL of its own, unless DATABASE_URL names one.

Loaded with ``-p``, because the settings read DATABASE_URL before any conftest is imported. The
workers of pytest-xdist inherit the variable and start nothing.
"""

import atexit
import os
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from demo.postgres import running_postgres

servers = ExitStack()
# Not in a hook: pytest calls none of those when it stops before its configuration is complete.
atexit.register(servers.close)


# A wrapper, to come before pytest-django's own hook, which reads the settings.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    if "DATABASE_URL" not in os.environ:
        server = servers.enter_context(running_postgres(None, durable=False))
        os.environ["DATABASE_URL"] = server.url
    return (yield)

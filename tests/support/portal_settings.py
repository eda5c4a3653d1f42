"""The real settings, with a place of their own for the collected static files."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403 -- settings are a module of names

# A demo that runs in this checkout collects into var/static, maybe at the same time.
STATIC_ROOT = Path(os.environ["TEST_STATIC_ROOT"])
LOGGING["root"]["level"] = os.environ.get("TEST_LOG_LEVEL", "INFO")  # noqa: F405
# No test leaves this machine.
MICROSOFT_DIRECTORY = ""

#!/usr/bin/env python
"""Django's command line; without settings in the environment, on the demo's."""

import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from demo.environment import prepared
from demo.errors import DemoError


def main() -> None:
    """Run the command that was asked for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        with prepared(sys.argv):
            execute_from_command_line(sys.argv)
    except (DemoError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()

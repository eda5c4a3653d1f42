"""``gunicorn bench.bad_days.nameless``: the portal on a machine whose name server can go away.

It is away while the file named by NAME_SERVER_GONE is there: a look-up then takes as long as a
resolver tries, and fails. Addresses need no look-up and have none.
"""

import ipaddress
import os
import socket
import time
from pathlib import Path
from typing import Any

from config.wsgi import application

__all__ = ["application"]

GONE = Path(os.environ["NAME_SERVER_GONE"])
TRIES_SECONDS = 5.0

_resolved = socket.getaddrinfo


def _look_up(host: Any, *arguments: Any, **named: Any) -> Any:
    if GONE.exists() and not _is_address(host):
        time.sleep(TRIES_SECONDS)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return _resolved(host, *arguments, **named)


def _is_address(host: Any) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


socket.getaddrinfo = _look_up

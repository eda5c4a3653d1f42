"""The demo's ports: which variable names each, and whether they are free."""

import errno
import os
import socket
from contextlib import ExitStack

from demo.errors import DemoError

DEFAULTS = {"PORT": 8000, "DEMO_PROVIDER_PORT": 9001, "DEMO_COGNITO_PORT": 9002}


def port_of(name: str) -> int:
    """Return the port in the variable *name*, or the demo's own; raises ``DemoError``."""
    written = os.environ.get(name) or str(DEFAULTS[name])
    if not written.isdecimal() or not 0 < int(written) < 2**16:
        raise DemoError(f"{name}: expected a port from 1 to 65535, not {written!r}.")
    return int(written)


def require_free_ports() -> None:
    """Raise ``DemoError`` for the first of the demo's ports that is in use, or named twice."""
    with ExitStack() as listening:
        for name in DEFAULTS:
            port = port_of(name)
            host = os.environ.get("BIND", "127.0.0.1") if name == "PORT" else "127.0.0.1"
            try:
                # Held until all are tried: one port for two of them is found out, too.
                listening.enter_context(socket.create_server((host, port)))
            except OSError as error:
                reason = "is in use" if error.errno == errno.EADDRINUSE else error.strerror
                raise DemoError(
                    f"Port {port} {reason}: choose another with {name}, "
                    f"as in: make run {name}={port + 100}"
                ) from error

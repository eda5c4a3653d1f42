"""The settings of a portal whose names are resolved by an attacker: NAMES_FILE says to what.

The file has an object of host names, each with the answers to its look-ups, one after the other
and the last one for ever; each look-up is written down beside it.
"""

import json
import os
import socket
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.portal_settings import *  # noqa: F403 -- settings are a module of names

_names = Path(os.environ["NAMES_FILE"])
_look_ups: Counter[str] = Counter()
_system = socket.getaddrinfo


def _addresses(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
    answers: list[list[str]] = json.loads(_names.read_text()).get(host)
    if answers is None:
        return _system(host, port, *args, **kwargs)
    addresses = answers[min(_look_ups[host], len(answers) - 1)]
    _look_ups[host] += 1
    with _names.with_suffix(".log").open("a") as log:
        log.write(f"{host}\n")
    return [
        (
            socket.AF_INET6 if ":" in address else socket.AF_INET,
            socket.SOCK_STREAM,
            socket.IPPROTO_TCP,
            "",
            (address, port or 0, 0, 0) if ":" in address else (address, port or 0),
        )
        for address in addresses
    ]


socket.getaddrinfo = _addresses

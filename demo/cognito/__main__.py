"""``python -m demo.cognito``: the emulator as a process of its own.

Signatures are checked when AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set.
"""

import argparse
import os
import signal
import sys
from pathlib import Path
from threading import Event

from demo.cognito.emulator import CognitoEmulator
from demo.names import DEVELOPER_PROVIDER_NAME, POOL_ID


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    told_to_stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())
    parser = argparse.ArgumentParser(prog="python -m demo.cognito", description=__doc__)
    parser.add_argument("--port", type=int, default=9002)
    parser.add_argument("--pool", default=POOL_ID, help="the identity pool's id")
    parser.add_argument("--developer-provider", default=DEVELOPER_PROVIDER_NAME)
    parser.add_argument("--issuer", default="", help="default: the emulator's own address")
    parser.add_argument("--state", type=Path, help="where identities and keys are kept")
    parser.add_argument("--control", action="store_true", help="take faults by HTTP")
    chosen = parser.parse_args()
    try:
        emulator = CognitoEmulator(
            port=chosen.port,
            pool_id=chosen.pool,
            developer_provider_name=chosen.developer_provider,
            issuer=chosen.issuer,
            state=chosen.state,
            credentials=_known_credentials(),
            is_controllable=chosen.control,
        )
    except OSError as error:
        sys.exit(f"Port {chosen.port} cannot be used ({error.strerror}): set DEMO_COGNITO_PORT.")
    emulator.start()
    print(f"Cognito emulator at {emulator.base_url}", flush=True)
    told_to_stop.wait()
    emulator.stop()


def _known_credentials() -> dict[str, str]:
    key = os.environ.get("AWS_ACCESS_KEY_ID")
    secret = os.environ.get("AWS_SECRET_ACCESS_KEY")
    return {key: secret} if key and secret else {}


if __name__ == "__main__":
    main()

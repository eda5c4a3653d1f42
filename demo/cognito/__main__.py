"""``python -m demo.cognito``: the emulator as a process of its own.

Signatures are checked when AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set.
"""

import argparse
import os
import sys
from pathlib import Path

from demo.cognito.emulator import DEMO_DEVELOPER_PROVIDER_NAME, DEMO_POOL_ID, CognitoEmulator


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m demo.cognito", description=__doc__)
    parser.add_argument("--port", type=int, default=9002)
    parser.add_argument("--pool", default=DEMO_POOL_ID, help="the identity pool's id")
    parser.add_argument("--developer-provider", default=DEMO_DEVELOPER_PROVIDER_NAME)
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
        sys.exit(f"Port {chosen.port}: {error.strerror}")
    print(f"Cognito emulator: {emulator.base_url}", flush=True)
    try:
        emulator.start().wait()
    except KeyboardInterrupt:
        emulator.stop()


def _known_credentials() -> dict[str, str]:
    key = os.environ.get("AWS_ACCESS_KEY_ID")
    secret = os.environ.get("AWS_SECRET_ACCESS_KEY")
    return {key: secret} if key and secret else {}


if __name__ == "__main__":
    main()

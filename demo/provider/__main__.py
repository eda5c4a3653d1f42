"""Run the demo's providers: ``python -m demo.provider --port 9001``."""

import argparse
import signal
import sys
from pathlib import Path
from threading import Event

from demo.provider.companies import PARTNERS, SPARE, register_companies
from demo.provider.server import DemoProvider


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    told_to_stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())
    options = _options()
    try:
        provider = DemoProvider(
            port=options.port,
            is_automatic=options.auto,
            is_controllable=options.control,
            keys_directory=options.keys,
            mails_directory=options.mails,
        )
    except OSError as error:
        sys.exit(f"Port {options.port} cannot be used ({error.strerror}): set DEMO_PROVIDER_PORT.")
    for file in (options.partners, SPARE):
        register_companies(provider, file, portal=options.portal, application=options.portal_name)
    provider.start()
    print(f"{len(provider.issuers)} providers at {provider.base_url}", flush=True)
    told_to_stop.wait()
    provider.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.provider", description=__doc__)
    parser.add_argument("--port", type=int, default=9001, help="port on 127.0.0.1; 0: any free one")
    parser.add_argument("--portal", default="http://127.0.0.1:8000", help="the portal's origin")
    parser.add_argument("--portal-name", default="Foyer", help="the portal's name for people")
    parser.add_argument("--partners", type=Path, default=PARTNERS, help="the partner file")
    parser.add_argument("--keys", type=Path, help="directory that keeps the signing keys")
    parser.add_argument("--mails", type=Path, help="directory of the mails to show at /mails/")
    parser.add_argument(
        "--auto", action="store_true", help="ask nobody whose login_hint is an account's"
    )
    parser.add_argument("--control", action="store_true", help="take faults at /_control/<slug>")
    return parser.parse_args()


if __name__ == "__main__":
    main()

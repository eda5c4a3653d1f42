"""``python -m bench.bad_days [name ...]``: live through these days, or all.

The exit status is 1 when a promise was broken.
"""

import argparse
import sys
import time
from contextlib import ExitStack
from importlib import import_module

from bench.bad_days.report import Report
from bench.bad_days.world import World
from bench.stack import BenchError, running_stack
from demo.errors import DemoError

DAYS = (
    "hanging_provider",
    "postgres_restarted",
    "cognito_throttled",
    "dns_gone",
    "cache_gone",
    "worker_killed",
    "deploy",
    "two_portals",
    "clock_back",
    "keys_rotated",
    "endurance",
)


def main() -> None:
    """Live through the days that the command line names."""
    options = _options()
    if sys.platform != "linux":
        sys.exit("The days read /proc: they run on Linux.")
    try:
        with running_stack() as stack, ExitStack() as running:
            world = World(
                stack=stack, running=running, seconds=options.seconds, minutes=options.minutes
            )
            world.found_companies()
            broken = [name for name in options.names or DAYS if not _is_kept(name, world)]
    except (BenchError, DemoError) as error:
        sys.exit(str(error))
    if broken:
        sys.exit(f"Promises were broken on: {', '.join(broken)}")


def _is_kept(name: str, world: World) -> bool:
    day = import_module(f"bench.bad_days.{name}")
    headline, *_ = (day.__doc__ or "").splitlines()
    print(f"\n{name}: {headline}", flush=True)
    began = time.monotonic()
    report = Report(name)
    day.live(world, report)
    report.says(f"lived through in {time.monotonic() - began:.0f} s")
    return not report.is_broken


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.bad_days", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(DAYS)}")
    parser.add_argument("--seconds", type=float, default=20, help="how long a part of a day lasts")
    parser.add_argument("--minutes", type=float, default=30, help="how long the endurance lasts")
    options = parser.parse_args()
    if unknown := set(options.names) - set(DAYS):
        parser.error(f"no such day: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()

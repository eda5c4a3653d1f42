"""``python -m bench``: measure, and print."""

import argparse
import os
import platform
import sys
from collections.abc import Sequence

from bench.companies import BUSY
from bench.stack import BenchError, Stack, running_stack
from demo.errors import DemoError


def main() -> None:
    """Run the benchmark as the command line says."""
    options = _options()
    if sys.platform != "linux":
        sys.exit("The benchmark reads /proc: it runs on Linux.")
    print(_about())
    try:
        with running_stack() as stack:
            _measure(stack, seconds=options.seconds, partners=options.partners)
    except (BenchError, DemoError) as error:
        sys.exit(str(error))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="how long each measurement lasts")
    parser.add_argument(
        "--partners",
        type=_numbers,
        default=[1, 1000, 10_000],
        help="with how many partners sign-ins are measured: 1,1000,10000",
    )
    return parser.parse_args()


def _numbers(written: str) -> list[int]:
    return sorted(int(word) for word in written.split(","))


def _measure(stack: Stack, *, seconds: float, partners: Sequence[int]) -> None:
    # Models, and what reads them, can be loaded once the settings know the database.
    from bench.inside import verifications
    from bench.scenarios import MANY_BROWSERS, Bench
    from bench.table import table_of, verification_table

    bench = Bench(stack=stack, seconds=seconds, busy=min(BUSY, max(partners)))
    for table in (
        table_of("Sign-ins", bench.sign_ins(partners)),
        table_of("Sign-ins, once each", bench.cold_and_warm()),
        table_of(f"Sign-ins, {MANY_BROWSERS} browsers", bench.slow_providers()),
        table_of("Requests", bench.requests()),
        verification_table(verifications(seconds / 5)),
    ):
        print(f"\n{table}", flush=True)


def _about() -> str:
    return (
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}; the portal at its default settings, PostgreSQL "
        "durable.\n"
        "CPU ms are per sign-in or request, over all processes. Compare those: browsers, providers "
        "and the\nCognito emulator share the processors with the portal, so rates and waiting "
        "times say less. Where\nothers share the machine or its caches, CPU ms too grow: "
        "what says something then is how many\ntimes those of the bare relying party they are, "
        "which was measured beside them."
    )


if __name__ == "__main__":
    main()

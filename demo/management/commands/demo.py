"""``manage.py demo``: everything that ``make run`` runs, in the foreground, until Ctrl-C."""

import os
import signal
import sys
import time
from contextlib import ExitStack
from types import FrameType

from django.core.management.base import BaseCommand

from demo.banner import banner
from demo.environment import CHECKOUT, DATABASE
from demo.errors import DemoError
from demo.partner_file import partner_file_at
from demo.parts import (
    await_answers,
    raise_if_ended,
    running_identity_pool,
    running_portal,
    running_provider,
    running_worker,
)
from demo.ports import port_of, require_free_ports
from demo.preparation import partners_now, people_kept_out, prepare_portal
from demo.processes import Child

STATE = CHECKOUT / "var"
WATCH_SECONDS = 0.2
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(BaseCommand):
    help = "Runs the portal with partners, their providers and an identity pool of its own."
    # ``migrate`` checks them.
    requires_system_checks = ()

    def handle(self, **_options: object) -> None:
        for number in ENDINGS:
            signal.signal(number, end)
        database = DATABASE.get()
        if database is None or database.process is None:
            raise DemoError("The demo is started by manage.py, which starts its database.")
        require_free_ports()
        provider_port = port_of("DEMO_PROVIDER_PORT")
        partner_file = partner_file_at(provider_port, directory=STATE / "partner-file")
        children = [Child(name="PostgreSQL", process=database.process, log=database.home / "log")]
        with ExitStack() as running:
            children += [
                running.enter_context(running_provider(STATE, partner_file=partner_file)),
                running.enter_context(running_identity_pool(STATE)),
            ]
            prepare_portal(partner_file, home=database.home)
            children.append(running.enter_context(running_portal()))
            children.append(running.enter_context(running_worker(STATE)))
            await_answers(children)
            password = os.environ["DEMO_ADMIN_PASSWORD"]
            print(banner(partners_now(), password=password, kept_out=people_kept_out()), flush=True)
            while True:
                raise_if_ended(children)
                time.sleep(WATCH_SECONDS)


def end(_number: int, _frame: FrameType | None) -> None:
    """End the command; everything that it started ends with it."""
    for number in ENDINGS:
        # That takes seconds at most; a second Ctrl-C must not leave half of it undone.
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)

"""The trail, open to the two commands that may change it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.db import connection


@contextmanager
def trail_open() -> Iterator[None]:
    """Have the trigger let changes pass, by the setting of this transaction that it knows."""
    ((model, trigger),) = pgtrigger.registered("audit.Event:append_only")
    _ignore(f"{{{trigger.get_pgid(model)}}}")
    yield
    _ignore("{}")


def _ignore(triggers: str) -> None:
    # Not pgtrigger.ignore: it puts two statements into one, which cannot be bound by the server.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [triggers])

"""What the portal needs before it starts: tables, partners, the owner's account, static files."""

import io
import json
import os
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command

from demo.names import ADMIN_EMAIL
from demo.partner_file import digest_of


def partners_now() -> list[dict[str, Any]]:
    """Return the records of the partners that there are, as in a partner file."""
    written = io.StringIO()
    call_command("export_partners", stdout=written)
    records: list[dict[str, Any]] = json.loads(written.getvalue())["partners"]
    return records


def people_kept_out() -> frozenset[str]:
    """Return the addresses of the people whom the owner has deactivated."""
    people = get_user_model().objects.filter(is_active=False)
    return frozenset(people.values_list("email", flat=True))


def prepare_portal(partner_file: Path, *, home: Path) -> None:
    """Bring the database up to date and collect the static files.

    The partners are imported when their file is not the one of last time, so that what the owner
    changed since stays; *home* remembers which one it was, beside the data.
    """
    call_command("migrate", interactive=False, verbosity=0)
    remembered, digest = home / "partner-file", digest_of(partner_file)
    if not remembered.exists() or remembered.read_text() != digest:
        call_command("import_partners", str(partner_file), stdout=io.StringIO())
        remembered.write_text(digest)
    people = get_user_model().objects
    if not people.filter(email=ADMIN_EMAIL).exists():
        people.create_superuser(
            ADMIN_EMAIL, os.environ["DEMO_ADMIN_PASSWORD"], name="Service owner"
        )
    call_command("collectstatic", interactive=False, verbosity=0)

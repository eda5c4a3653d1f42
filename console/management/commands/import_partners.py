"""``manage.py import_partners FILE``: creates or updates partners as a partner file says."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from federation.documents import known_metadata
from partners.files.importing import import_partners
from partners.files.problems import PartnerFileError
from partners.models import Connection


class Command(BaseCommand):
    help = "Creates or updates partners as FILE says, all of them or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the partner file, as JSON")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            outcomes = import_partners(
                options["file"],
                actor="command import_partners",
                dry_run=options["dry_run"],
                algs_taken_by=_algs_taken_by,
            )
        except PartnerFileError as error:
            count = len(error.problems)
            raise CommandError(
                f"nothing was imported, {count} problem{'s' if count > 1 else ''}:\n{error}"
            ) from error
        for outcome in outcomes:
            changed = f" ({', '.join(outcome.changed)})" if outcome.what == "updated" else ""
            self.stdout.write(f"{outcome.slug}: {outcome.what}{changed}")
            for note in outcome.notes:
                self.stdout.write(f"  ! {note}")
        if options["dry_run"]:
            self.stdout.write("This was a dry run: nothing was written.")


def _algs_taken_by(connection: Connection) -> Collection[str]:
    # An import asks nobody: there may be a thousand partners in it.
    metadata = known_metadata(connection)
    return metadata.token_endpoint_auth_algs if metadata else ()

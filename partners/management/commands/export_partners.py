"""``manage.py export_partners``: writes all partners as a partner file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partners.files.exporting import partner_file, write_partner_file
from partners.files.problems import PartnerFileError


class Command(BaseCommand):
    help = "Writes all partners as JSON that import_partners reads, to standard output or a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="write there, and the logos beside it"
        )
        parser.add_argument(
            "--with-secrets", action="store_true", help="client secrets too, in plain text"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        with_secrets = options["with_secrets"]
        try:
            if options["output"]:
                write_partner_file(options["output"], with_secrets=with_secrets)
            else:
                self.stdout.write(partner_file(with_secrets=with_secrets), ending="")
        except (PartnerFileError, OSError) as error:
            raise CommandError(f"nothing was exported:\n{error}") from error

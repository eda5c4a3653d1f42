"""``manage.py check_partner``: what keeps a partner's people out, and how to mend it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onboarding.doctor import Finding, Outcome, findings_of_partner
from partners.models import Partner, Status

SIGNS = {
    Outcome.PASSED: "✔",
    Outcome.NEEDS_FIXING: "✖",
    Outcome.CONSIDER: "!",
    Outcome.WAITING: "○",
    Outcome.COULD_NOT_TELL: "?",
}


class Command(BaseCommand):
    help = (
        "Tries discovery, keys, endpoints and settings of a partner, and says what is wrong and "
        "how to mend it. The exit code is 1 when something needs fixing; of all partners, drafts "
        "don't count: they are not finished."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("slug", nargs="?", help="the partner's slug")
        which.add_argument("--all", action="store_true", help="every partner")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--probe",
            action="store_true",
            help="ask the token and authorization endpoints too, with a code that nobody issued",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        examined = [
            (partner, findings_of_partner(partner, probes=options["probe"]))
            for partner in _partners(options["slug"])
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"partners": [_as_json(*one) for one in examined]}))
        else:
            for partner, findings in examined:
                self._print(partner, findings)
        counted = [one for one in examined if options["slug"] or one[0].status != Status.DRAFT]
        faulty = [partner.slug for partner, findings in counted if _is_faulty(findings)]
        if faulty:
            raise CommandError(f"Needs fixing: {', '.join(faulty)}")

    def _print(self, partner: Partner, findings: list[Finding]) -> None:
        self.stdout.write(f"{partner.slug}: {partner.name}")
        for finding in findings:
            sign = SIGNS[finding.outcome]
            self.stdout.write(f"  {sign} {finding.code} {finding.about}: {finding.statement}")
            if finding.remedy:
                self.stdout.write(f"      {finding.remedy}")
            for step in finding.steps:
                self.stdout.write(f"      - {step}")


def _partners(slug: str | None) -> list[Partner]:
    partners = Partner.objects.prefetch_related("domains")
    if slug is None:
        return list(partners)
    found = list(partners.filter(slug=slug))
    if not found:
        raise CommandError(f"There is no partner {slug}.")
    return found


def _is_faulty(findings: list[Finding]) -> bool:
    return any(finding.outcome is Outcome.NEEDS_FIXING for finding in findings)


def _as_json(partner: Partner, findings: list[Finding]) -> dict[str, object]:
    return {
        "slug": partner.slug,
        "name": partner.name,
        "status": partner.status,
        "passed": not _is_faulty(findings),
        "findings": [finding.as_json() for finding in findings],
    }

"""What the demo says when it is ready: where it is, and as whom to sign in."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.names import ADMIN_EMAIL, PORTAL_NAME
from demo.ports import port_of
from demo.provider.companies import example_account, read_partners

NOTES = {
    ("paused", "listed"): "paused",
    ("live", "by_email"): "not on the page: type the address",
    ("live", "hidden"): "not on the page: /login/{slug}/",
}
"""By status and visibility, what somebody has to know who wants to sign in."""


def banner(partner_file: Path, *, password: str) -> str:
    """Return the lines to print; *password* is that of the owner's account."""
    portal, provider, cognito = (
        f"http://127.0.0.1:{port_of(name)}"
        for name in ("PORT", "DEMO_PROVIDER_PORT", "DEMO_COGNITO_PORT")
    )
    return "\n".join(
        [
            "",
            f"  {PORTAL_NAME}: {portal}/",
            "",
            "  Sign in as one of these; no password is asked for:",
            *(f"    {line}" for line in _accounts(read_partners(partner_file))),
            "",
            f"  The owner's pages: {portal}/admin/",
            f"    {ADMIN_EMAIL}   password {password}",
            "",
            f"  The partners' providers: {provider}   The Cognito emulator: {cognito}",
            "  Ctrl-C stops everything; what was done is kept.",
            "",
        ]
    )


def _accounts(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    width = max(len(str(record["name"])) for record in records)
    for record in records:
        account = example_account(record)
        if account is None:
            continue
        kind = (record.get("status", "draft"), record.get("visibility", "by_email"))
        note = NOTES.get(kind, "").format(slug=record["slug"])
        shown = f"{record['name']:{width}}   {account.email}"
        yield f"{shown}   ({note})" if note else shown

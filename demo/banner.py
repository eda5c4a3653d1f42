"""What the demo says when it is ready: where it is, and as whom to sign in."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from demo.names import ADMIN_EMAIL, PORTAL_NAME
from demo.ports import port_of
from demo.provider.companies import example_account

NOTES = {
    ("paused", "listed"): "paused",
    ("live", "by_email"): "not on the page: type the address",
    ("live", "hidden"): "not on the page: /login/{slug}/",
}
"""By status and visibility, what somebody has to know who wants to sign in."""


def banner(
    records: Sequence[Mapping[str, Any]], *, password: str, kept_out: Collection[str]
) -> str:
    """Return the lines to print.

    *records* are those of a partner file with the partners that there are now, *password* is that
    of the owner's account, *kept_out* are addresses of people who can't sign in.
    """
    portal, provider, cognito = (
        f"http://127.0.0.1:{port_of(name)}"
        for name in ("PORT", "DEMO_PROVIDER_PORT", "DEMO_COGNITO_PORT")
    )
    accounts = dict(_accounts(records, provider=provider, kept_out=kept_out))
    width = max(map(len, accounts), default=0)
    return "\n".join(
        [
            "",
            f"  {PORTAL_NAME}: {portal}/",
            "",
            "  Sign in as one of these; no password is asked for:",
            *(f"    {name:{width}}   {account}" for name, account in accounts.items()),
            "",
            f"  The owner's pages: {portal}/admin/",
            f"    {ADMIN_EMAIL}   password {password}",
            "",
            f"  The partners' providers: {provider}/",
            "    one of them, spare, is there to add a partner by hand",
            f"  Mails from the portal: {provider}/mails/",
            f"  The Cognito emulator: {cognito}/",
            "  Ctrl-C stops everything; what was done is kept.",
            "",
        ]
    )


def _accounts(
    records: Sequence[Mapping[str, Any]], *, provider: str, kept_out: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Return each company's name with an address to sign in with, and a note."""
    for record in records:
        kind = (record.get("status", "draft"), record.get("visibility", "by_email"))
        issuer = record.get("connection", {}).get("issuer", "")
        if kind[0] == "draft" or not issuer.startswith(f"{provider}/") or not record["domains"]:
            continue
        account = example_account(record, kept_out=kept_out)
        if account:
            note = NOTES.get(kind, "").format(slug=record["slug"])
            yield record["name"], f"{account.email}   ({note})" if note else account.email

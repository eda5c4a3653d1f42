"""What somebody sees who opens the providers' own address: who they are, and the spare one."""

from collections.abc import Mapping

from demo.provider import mails
from demo.provider.endpoints.pages import filled
from demo.provider.issuer import Issuer
from demo.provider.messages import Answer

SPARE = "spare"
"""The issuer that is nobody's yet: with it, a partner can be added by hand."""

POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'"


def style_of(issuers: Mapping[str, Issuer]) -> str:
    """Return the path of a stylesheet: that of the first issuer."""
    return f"/{next(iter(issuers), '')}/style.css"


def front_page(issuers: Mapping[str, Issuer], *, shows_mails: bool) -> Answer:
    """Answer with the list of *issuers*, and with what to enter to add the spare one by hand."""
    rows = "".join(
        filled(
            "front_row.html",
            company=issuer.name,
            issuer=issuer.issuer,
            apps=f"/{issuer.slug}/apps",
            people=", ".join(account.email for account in issuer.accounts.values()),
        )
        for issuer in issuers.values()
    )
    spare = issuers.get(SPARE)
    document = filled(
        "front.html",
        style=style_of(issuers),
        html={
            "rows": rows,
            "spare": _spare(spare) if spare else "",
            "mails": filled("mails_link.html", href=mails.PATH) if shows_mails else "",
        },
    )
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
    return Answer(headers=headers, body=document.encode())


def _spare(spare: Issuer) -> str:
    client, email = next(iter(spare.clients.values())), next(iter(spare.accounts))
    return filled(
        "spare.html",
        name=spare.name,
        slug=spare.slug,
        issuer=spare.issuer,
        client_id=client.client_id,
        client_secret=client.client_secret,
        domain=email.partition("@")[2],
        email=email,
    )

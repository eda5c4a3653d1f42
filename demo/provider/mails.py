"""The mails that the portal has sent: Django writes each to a file, and this page shows them."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from pathlib import Path

from demo.provider.endpoints.pages import filled
from demo.provider.messages import Answer

PATH = "/mails/"

SHOWN = 50
"""How many mails the page shows, the newest first."""

RULE = b"\n" + b"-" * 79 + b"\n"
"""What Django's file backend writes after each mail."""

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")

POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'"


def mails_page(directory: Path, *, style: str) -> Answer:
    """Answer with the mails in *directory*; links in them can be clicked."""
    files = sorted(
        directory.glob("*.log"), key=lambda file: (file.stat().st_mtime, file.name), reverse=True
    )
    mails = "".join(_shown(mail) for file in files[:SHOWN] for mail in _read(file))
    document = filled(
        "mails.html",
        style=style,
        html={"mails": mails or filled("no_mails.html")},
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return Answer(headers=headers, body=document.encode())


def _read(file: Path) -> list[EmailMessage]:
    """Return the mails in a file, the newest first: those of one moment may share it."""
    *written, _ = file.read_bytes().replace(b"\r\n", b"\n").split(RULE)
    return [message_from_bytes(raw.lstrip(), policy=policy.default) for raw in reversed(written)]


def _shown(mail: EmailMessage) -> str:
    return filled(
        "mail.html",
        subject=str(mail["Subject"]),
        to=str(mail["To"]),
        sender=str(mail["From"]),
        date=str(mail["Date"]),
        html={"text": _with_links(mail.get_content().strip())},
    )


def _with_links(text: str) -> str:
    parts, end = [], 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        parts += [escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])])

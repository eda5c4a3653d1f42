"""A partner's IT department at the running portal, with its mailbox."""

import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy

import requests

from tests.security.owner import Owner
from tests.support.portal import ROOT, Portal
from tests.support.portal_visitor import Visitor

LINK = re.compile(r"(https?://\S+)(/setup/[\w-]{43}/)")
CODE = re.compile(r"^(\d{4}) (\d{4})$", re.MULTILINE)
RULE = b"-" * 79
"""What Django's file backend writes after each mail."""

_READ: set[tuple[str, int]] = set()

REVISION = re.compile(r'name="revision" value="(\d+)"')


MAIL_SECONDS = 30


@contextmanager
def running_worker(portal: Portal) -> Iterator[None]:
    """Run the worker beside the portal, so that mails are sent while a test goes on."""
    command = [sys.executable, "manage.py", "procrastinate", "worker"]
    quiet = subprocess.DEVNULL
    worker = subprocess.Popen(
        command, cwd=ROOT, env=dict(portal.environment), stdout=quiet, stderr=quiet
    )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(30)


class PartnersIt:
    """Somebody at a partner who is asked to set its sign-in up."""

    def __init__(self, portal: Portal, owner: Owner, slug: str, name: str = "") -> None:
        self.portal = portal
        self.owner = owner
        self.slug = slug
        # An address of its own, so that no mail to somebody before is taken for one to this person.
        self.address = f"{name or secrets.token_hex(4)}@{slug}.example"
        self.browser = Visitor(portal)
        ((self.partner_id,),) = portal.rows("SELECT id FROM partners_partner WHERE slug = %s", slug)

    def invited(self) -> str:
        """Have the owner send a link; return its path as the mail has it."""
        answer = self.ask_owner("send", email=self.address)
        assert answer.status_code == 302, answer.text
        return self.link_mailed()

    def link_mailed(self) -> str:
        """Return the path of the link in the latest mail that has one."""
        found = self.mailed(LINK)
        assert found[1] == self.portal.base_url
        return found[2]

    def ask_owner(self, do: str, **form: str) -> requests.Response:
        """Return the answer to one of the buttons on the owner's page of this set-up."""
        path = f"/admin/partners/partner/{self.partner_id}/set-up/"
        return self.owner.post(path, {"do": do, **form})

    def code(self, path: str, form: dict[str, str] | None = None) -> str:
        """Have a code mailed from *path*, and return it."""
        answer = self.browser.post(path, form or {})
        assert answer.status_code == 200, answer.text
        return self.code_mailed()

    def code_mailed(self) -> str:
        """Return the code in the latest mail that has one."""
        found = self.mailed(CODE)
        return found[1] + found[2]

    def mailed(self, what: re.Pattern[str]) -> re.Match[str]:
        """Wait for a mail to this address that has *what*, and was not read before."""
        deadline = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < deadline:
            for text in self.unread():
                if found := what.search(text):
                    return found
            time.sleep(0.05)
        raise AssertionError(f"no mail with {what.pattern}")

    def unread(self) -> Iterator[str]:
        """Return the mails to this address that were not read before; they are read then."""
        for file in sorted(self.portal.mails.glob("*.log")):
            # Two mails of one second may share a file; what follows the last rule is not complete.
            *mails, _rest = file.read_bytes().split(RULE)
            for place, raw in enumerate(mails):
                mail = message_from_bytes(raw.lstrip(), policy=policy.default)
                if (file.name, place) not in _READ and self.address in str(mail["To"]):
                    _READ.add((file.name, place))
                    yield mail.get_content()

    def get_in(self) -> str:
        """Go all the way from the owner's button into the set-up; return the link's path."""
        path = self.invited()
        answer = self.browser.post(path, {"code": self.code(path)})
        assert answer.headers.get("Location") == "/setup/welcome/", answer.text
        return path

    def save(self, path: str, **form: str) -> requests.Response:
        """Return the answer to the form of the step at *path*, sent as it stands there."""
        revision = REVISION.search(self.browser.get(path).text)
        return self.browser.post(path, {"revision": revision[1] if revision else "", **form})

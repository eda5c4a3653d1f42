"""The service owner at the admin of the running portal."""

import re
from html import unescape

import requests

from demo.names import ADMIN_EMAIL
from tests.console.conftest import fields_of
from tests.security.adversary import Adversary
from tests.support.portal import ADMIN_PASSWORD, Portal
from tests.support.portal_visitor import Visitor

MISTAKE = re.compile(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")


class Owner:
    """A member of staff who may do everything, signed in."""

    def __init__(self, portal: Portal) -> None:
        self._visitor = Visitor(portal)
        form = {"username": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
        answer = self._visitor.post("/admin/login/", form)
        assert answer.status_code == 302, answer.text

    def get(self, path: str) -> requests.Response:
        return self._visitor.get(path)

    def post(self, path: str, form: dict[str, str]) -> requests.Response:
        return self._visitor.post(path, form)

    def change_connection(self, partner: Adversary, **changes: str) -> requests.Response:
        """Return the answer to the partner's form, its connection changed and sent.

        With another issuer goes the secret once more: the one that is there is for nobody else.
        """
        if "issuer" in changes:
            connection: dict[str, str] = partner.portal.record_of(partner.slug)["connection"]
            changes.setdefault("client_secret", connection["client_secret"])
        path = f"/admin/partners/partner/{partner.partner_id}/change/"
        page = self._visitor.get(path)
        assert page.status_code == 200, page.status_code
        changed = {f"connections-0-{name}": value for name, value in changes.items()}
        return self._visitor.post(path, {**fields_of(page.text), **changed})


def mistakes_on(page: str) -> str:
    """Return what a form's page says of what is wrong."""
    return " ".join(unescape(TAG.sub(" ", found)).strip() for found in MISTAKE.findall(page))

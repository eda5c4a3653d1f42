"""A browser without a screen: cookies by origin, forms with their tokens, redirects by hand."""

import re
from collections import defaultdict
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from tests.support.portal import Portal

SECONDS = 30
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
CONTINUE = re.compile(r'id="continue" href="([^"]+)"')


class Visitor:
    """One person's browser, at the portal, at the providers and back.

    *process* is the port that the portal is asked at, where that is not the one in BASE_URL.
    """

    def __init__(self, portal: Portal, *, port: int = 0) -> None:
        self.portal = portal
        self.port = port or portal.port
        self._sessions: dict[str, requests.Session] = defaultdict(_session)

    def get(self, address: str, **headers: str) -> requests.Response:
        """Return the answer to GET at *address*, a path of the portal or a whole URL."""
        return self._send("GET", address, headers=headers)

    def post(self, path: str, form: Mapping[str, str], *, page: str = "") -> requests.Response:
        """Return the answer to *form*, sent with the token that is on *page* or at *path*."""
        token = TOKEN.search(self.get(page or path).text)
        assert token, page or path
        return self._send("POST", path, data={"csrfmiddlewaretoken": token[1], **form})

    def begin(self, slug: str, query: str = "") -> str:
        """Return where the logo of this partner leads to."""
        answer = self.get(f"/login/{slug}/{query}")
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def come_back(self, authorization_url: str) -> str:
        """Return the callback that the provider sends this browser to."""
        answer = self.get(authorization_url)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def sign_in(self, slug: str, query: str = "") -> requests.Response:
        """Return the portal's answer to the callback, after the whole way from the logo."""
        return self.get(self.come_back(self.begin(slug, query)))

    def who(self) -> dict[str, Any] | None:
        """Return what ``/api/session/`` says, ``None`` when nobody is signed in."""
        answer = self.get("/api/session/")
        return answer.json() if answer.status_code == 200 else None

    def cookies(self) -> dict[str, str]:
        """Return the portal's cookies in this browser."""
        return dict(self._sessions[self.portal.base_url].cookies.items())

    def _send(self, method: str, address: str, **how: Any) -> requests.Response:
        url = urljoin(self.portal.base_url, address)
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin == self.portal.base_url:
            how["headers"] = {"Host": parts.netloc, **how.get("headers", {})}
            url = parts._replace(netloc=f"127.0.0.1:{self.port}").geturl()
        session = self._sessions[origin]
        return session.request(method, url, allow_redirects=False, timeout=SECONDS, **how)


def continue_url(page: str) -> str:
    """Return the authorization URL on the page that takes a person there."""
    found = CONTINUE.search(page)
    assert found, page
    return unescape(found[1])


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    # A form may not be sent twice because a kept connection was just being closed.
    session.mount("http://", HTTPAdapter(max_retries=0))
    return session

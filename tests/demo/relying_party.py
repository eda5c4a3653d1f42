"""A relying party's messages, as an honest one sends them, for tests to change one thing in."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote_plus, urlsplit

import jwt
import requests

from demo.provider import Issuer
from demo.provider.values import Client

TIMEOUT_SECONDS = 5


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


VERIFIER = "v" * 43
CHALLENGE = challenge_of(VERIFIER)

Changes = Mapping[str, str | list[str] | None]


@dataclass
class RelyingParty:
    """One client at one issuer, with the browser that is sent there."""

    issuer: Issuer
    client_id: str = "foyer"
    browser: requests.Session = field(default_factory=requests.Session)

    @property
    def client(self) -> Client:
        return self.issuer.clients[self.client_id]

    def request(self, changes: Changes | None = None) -> dict[str, str | list[str]]:
        parameters = {
            "response_type": "code",
            "scope": "openid email profile",
            "client_id": self.client_id,
            "redirect_uri": self.client.redirect_uri,
            "state": "a-state",
            "nonce": "a-nonce",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **(changes or {}),
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def authorize(self, changes: Changes | None = None) -> requests.Response:
        return self.browser.get(
            f"{self.issuer.url}/authorize",
            params=self.request(changes),
            allow_redirects=False,
            timeout=TIMEOUT_SECONDS,
        )

    def choose(self, email: str, changes: Changes | None = None) -> requests.Response:
        return self._post_choice({"email": email}, changes)

    def cancel(self) -> requests.Response:
        return self._post_choice({"cancel": "1"}, None)

    def code(self, changes: Changes | None = None) -> str:
        return parameters_of(self.authorize(changes))["code"][0]

    def redeem(
        self,
        code: str,
        changes: Changes | None = None,
        *,
        credentials: tuple[str, str] | None = None,
        method: str = "",
    ) -> requests.Response:
        """Send the token request, with the client's own credentials and method or these."""
        method = method or self.client.token_endpoint_auth_method
        client_id, secret = credentials or (self.client_id, self.client.client_secret)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uri,
            "code_verifier": VERIFIER,
        }
        if method == "client_secret_post":
            form |= {"client_id": client_id, "client_secret": secret}
        basic = (quote_plus(client_id), quote_plus(secret))
        return requests.post(
            f"{self.issuer.url}/token",
            data={**form, **(changes or {})},
            auth=basic if method == "client_secret_basic" else None,
            timeout=TIMEOUT_SECONDS,
        )

    def claims(self, id_token: str) -> dict[str, object]:
        """Return the claims of an ID Token that the issuer's published keys verify."""
        jwks = jwt.PyJWKSet.from_dict(self.document("/jwks"))
        key = jwks[jwt.get_unverified_header(id_token)["kid"]]
        alg = self.issuer.config.id_token_alg
        claims: dict[str, object] = jwt.decode(
            id_token, key, algorithms=[alg], audience=self.client_id
        )
        return claims

    def document(self, path: str) -> dict[str, object]:
        document: dict[str, object] = self.get(path).json()
        return document

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.browser.get(
            self.issuer.url + path,
            headers=headers,
            allow_redirects=False,
            timeout=TIMEOUT_SECONDS,
        )

    def _post_choice(self, form: dict[str, str], changes: Changes | None) -> requests.Response:
        return self.browser.post(
            f"{self.issuer.url}/sign-in",
            params=self.request(changes),
            data=form,
            allow_redirects=False,
            timeout=TIMEOUT_SECONDS,
        )


def parameters_of(response: requests.Response) -> dict[str, list[str]]:
    return parse_qs(urlsplit(response.headers["Location"]).query)

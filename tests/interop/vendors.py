"""The providers that partners really have, on loopback: hosts, addresses, documents and claims.

All hosts are one server with a certificate for each. Behind it, the demo's strict provider redeems
codes and signs; what it says are the files of ``tests/documents``, with this sign-in's own values.
"""

import json
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse

from demo.provider import Account, DemoProvider, Fault, IdTokenFault, SigningKey
from demo.provider.http_server import ProviderServer
from demo.provider.messages import Answer, Request
from federation.oidc.discovery import configuration_url
from tests.support.certificates import Authority
from tests.support.company import Browser, Company, founded

DOCUMENTS = Path(__file__).parent.parent / "documents"
VENDORS = sorted(folder.name for folder in DOCUMENTS.iterdir() if folder.is_dir())

Claims = Mapping[str, Any]
TIMES = ("iat", "exp", "nbf", "auth_time", "rat")
ENDPOINTS = {
    "jwks_uri": "/jwks",
    "authorization_endpoint": "/authorize",
    "token_endpoint": "/token",
    "userinfo_endpoint": "/userinfo",
}


@cache
def document(vendor: str, name: str) -> dict[str, Any]:
    """Return what the vendor serves under this *name*."""
    served: dict[str, Any] = json.loads((DOCUMENTS / vendor / f"{name}.json").read_text())
    return served


def hosts() -> set[str]:
    """Return every host that one of the vendors is at."""
    addresses = [
        document(vendor, "openid-configuration")[member]
        for vendor in VENDORS
        for member in ("issuer", *ENDPOINTS)
    ]
    return {urlsplit(address).netloc for address in addresses}


@dataclass(kw_only=True)
class World:
    """Where requests for the vendors' hosts go; *called* are the addresses, in order."""

    provider: DemoProvider
    called: list[str] = field(default_factory=list)
    _routes: dict[str, str] = field(default_factory=dict)

    def route(self, address: str, path: str) -> None:
        """Let the demo's provider answer at *address*, as at its own *path*."""
        self._routes[address] = path

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        address = f"https://{request.headers['host']}{request.path}"
        self.called.append(address)
        path = self._routes.get(address)
        if path is None:
            return Answer(status=404), None
        return self.provider.answer(replace(request, path=path))


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """One partner whose provider is of the kind *name*, and the person that its claims are of."""

    name: str
    company: Company
    person: Account

    def says(
        self,
        *,
        header: Claims | None = None,
        id_token: Claims | None = None,
        user_info: Claims | None = None,
    ) -> None:
        """Say what the files say, but for these members; one that is ``...`` is left out."""
        told = document(self.name, "id-token")
        claims = changed(told["claims"], id_token or {})
        person = changed(document(self.name, "user-info"), user_info or {})
        self.company.issuer.misbehave(
            id_token=IdTokenFault(
                header={**told["header"], **(header or {})},
                payload=lambda honest: _filled_in(claims, honest),
            ),
            userinfo=Fault(body=json.dumps(person).encode()),
        )

    def describes_itself(self, **members: object) -> None:
        """Serve the discovery document of the file, with these members."""
        metadata = {**document(self.name, "openid-configuration"), **members}
        self.company.issuer.misbehave(discovery=Fault(body=json.dumps(metadata).encode()))

    def names_itself(self, *, in_response: bool) -> None:
        """Send ``iss`` with the authorization response, or do not: RFC 9207."""
        issuer = self.company.issuer
        issuer.config = replace(issuer.config, names_issuer=in_response)

    def denies(self, error: str, description: str) -> None:
        """Answer the authorization request with this error."""
        denied = replace(self.person, refusal=error, refusal_description=description)
        self.company.issuer.add_account(denied)

    def signs_with(self, kid: str, alg: str) -> None:
        """Sign with a key that is published in the place of the one of this *kid*."""
        issuer = self.company.issuer
        issuer.config = replace(issuer.config, id_token_alg=alg)
        issuer._keys = [_key(alg)]
        mine = issuer.key.jwk()
        members = {name: mine[name] for name in ("n", "e", "crv", "x", "y") if name in mine}
        keys = [
            {**key, **members} if key["kid"] == kid else key
            for key in document(self.name, "jwks")["keys"]
        ]
        issuer.misbehave(jwks=Fault(body=json.dumps({"keys": keys}).encode()))


class VendorsBrowser(Browser):
    """A browser for which the world's hosts are where they are."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def callback_path(self, authorization_url: str) -> str:
        parts = urlsplit(authorization_url)
        request = Request(
            method="GET",
            path=parts.path,
            query_string=parts.query,
            headers={"host": parts.netloc},
        )
        answer, _ = self._world.answer(request)
        location = urlsplit(answer.written()[0]["Location"])
        return f"{location.path}?{location.query}"

    def sign_in_at(self, partner: Vendor) -> HttpResponse:
        """Walk from the logo to the portal's answer to the callback."""
        return self.get(self.callback_path(self.authorization_url(partner.company.slug)))


def partner_with(
    name: str, world: World, *, issuer: str = "", connection: Mapping[str, object] | None = None
) -> Vendor:
    """Return a partner with a provider of this kind, registered under *issuer*, or truthfully."""
    metadata = document(name, "openid-configuration")
    told, user_info = document(name, "id-token"), document(name, "user-info")
    email = user_info["email"]
    slug = email.partition("@")[2].removesuffix(".example")
    person = Account(subject=user_info["sub"], email=email)
    company = founded(
        slug,
        world.provider,
        accounts=(person,),
        connection={"issuer": issuer or metadata["issuer"], **(connection or {})},
    )
    company.issuer.issuer = metadata["issuer"]
    world.route(configuration_url(metadata["issuer"]), f"/{slug}/.well-known/openid-configuration")
    for member, path in ENDPOINTS.items():
        world.route(metadata[member], f"/{slug}{path}")
    vendor = Vendor(name=name, company=company, person=person)
    vendor.describes_itself()
    vendor.signs_with(told["header"]["kid"], told["header"]["alg"])
    vendor.names_itself(
        in_response=metadata.get("authorization_response_iss_parameter_supported", False)
    )
    vendor.says()
    company.issuer.sign_in_as(email)
    return vendor


@cache
def _key(alg: str) -> SigningKey:
    return SigningKey.generate(alg)


def changed(claims: Claims, changes: Claims) -> dict[str, object]:
    return {name: value for name, value in {**claims, **changes}.items() if value is not ...}


def _filled_in(claims: Claims, honest: bytes) -> bytes:
    """Return *claims* with the times, the client and the nonce of the *honest* ones."""
    ours = json.loads(honest)
    later = ours["iat"] - claims["iat"]
    filled = dict(claims)
    for name, value in claims.items():
        if name in TIMES and isinstance(value, int):
            filled[name] = value + later
        elif name in {"nonce", "at_hash"}:
            filled[name] = ours[name]
        elif name in {"aud", "azp"}:
            filled[name] = [ours["aud"]] if isinstance(value, list) else ours["aud"]
    return json.dumps(filled).encode()


@contextmanager
def serving(world: World, authority: Authority, names: Sequence[str]) -> Iterator[int]:
    """Answer for the hosts of these *names*, on the port that is given, until the block ends."""
    contexts = {name: authority.server_context(name) for name in names}
    chosen = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def choose(connection: ssl.SSLObject, name: str, _: ssl.SSLContext) -> None:
        connection.context = contexts[name]

    chosen.sni_callback = choose
    server = ProviderServer(world, host="127.0.0.1", port=0)
    server.socket = chosen.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

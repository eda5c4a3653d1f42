"""What is counted and timed in this process. It needs Django's settings before it is imported."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from jwt.utils import base64url_encode

from bench.browser import Person, Wire
from bench.stack import BenchError
from demo.provider.keys import SigningKey, as_json, compact
from federation.oidc.discovery import parse_jwks
from federation.oidc.id_token import verify_id_token
from federation.oidc.values import ClientRegistration, UnverifiedIdToken

ALGORITHMS = ("RS256", "ES256", "EdDSA")
ISSUER, CLIENT_ID, NONCE = "https://login.example", "foyer", "n-0S6_WzA2Mj"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How many ID Tokens of an algorithm one processor verifies in a second, claims included."""

    algorithm: str
    per_second: float


def statements_of_sign_in(person: Person, *, providers: str) -> int:
    """Return how many statements a sign-in takes of somebody who has signed in before."""
    counts = [_counted_sign_in(person, providers=providers) for _ in range(2)]
    return counts[-1]


def statements_of_page(path: str) -> int:
    """Return how many statements a page takes that is asked for by nobody in particular."""
    client = _client()
    client.get(path)
    with CaptureQueriesContext(connection) as statements:
        client.get(path)
    return len(statements)


def verifications(seconds: float) -> Iterator[Verification]:
    """Yield how fast ID Tokens are verified, each algorithm tried for so many CPU *seconds*."""
    for algorithm in ALGORITHMS:
        key = SigningKey.generate(algorithm)
        jwks = parse_jwks(json.dumps({"keys": [key.jwk()]}).encode())
        token = UnverifiedIdToken(compact=_signed(key))
        count, began = 0, time.process_time()
        while (spent := time.process_time() - began) < seconds:
            verify_id_token(
                token, jwks=jwks, registration=_REGISTRATION, nonce=NONCE, now=timezone.now()
            )
            count += 1
        yield Verification(algorithm=algorithm, per_second=count / spent)


def _counted_sign_in(person: Person, *, providers: str) -> int:
    client, wire = _client(), Wire(providers)
    with CaptureQueriesContext(connection) as statements:
        begun = client.get(f"/login/{person.partner}/", {"login_hint": person.email})
        authorized = wire.get(begun.headers["Location"].removeprefix(providers), {})
        admitted = client.get(authorized.location.removeprefix(settings.BASE_URL))
    wire.close()
    if admitted.status_code != 302:
        raise BenchError(f"A sign-in in this process was answered {admitted.status_code}.")
    return len(statements)


def _client() -> Client:
    return Client(headers={"host": settings.BASE_URL.removeprefix("http://")})


def _signed(key: SigningKey) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": "00u1a2b3c4", "aud": CLIENT_ID, "nonce": NONCE}
    claims |= {"email": "ana@contoso.example", "name": "Ana Sousa"}
    signing_input = compact(
        {"alg": key.alg, "kid": key.kid}, as_json({**claims, "iat": now, "exp": now + 3600})
    )
    return f"{signing_input.decode()}.{base64url_encode(key.signature(signing_input)).decode()}"


_REGISTRATION = ClientRegistration(
    partner="contoso",
    issuer=ISSUER,
    client_id=CLIENT_ID,
    client_secret="",
    redirect_uri="https://portal.example/login/contoso/callback/",
)

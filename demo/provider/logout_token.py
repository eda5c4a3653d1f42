"""Telling clients that a person has signed out here: OpenID Connect Back-Channel Logout 1.0."""

import contextlib
import secrets
from threading import Thread
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from jwt.utils import base64url_encode

from demo.provider.grants import Session
from demo.provider.issuer import Issuer
from demo.provider.keys import as_json, compact
from demo.provider.values import Client

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME_SECONDS = 120
TIMEOUT_SECONDS = 5
# A machine's proxy knows nothing of its loopback.
DIRECTLY = build_opener(ProxyHandler({}))


def logout_token(
    issuer: Issuer, client: Client, *, subject: str | None = None, sid: str | None = None
) -> str:
    """Return a signed logout token for *client*, that names what is not None: section 2.4."""
    now = int(issuer.clock())
    claims = {
        "iss": issuer.issuer,
        "aud": client.client_id,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": secrets.token_urlsafe(16),
        "events": {EVENT: {}},
        "sub": subject,
        "sid": sid,
    }
    named = {name: value for name, value in claims.items() if value is not None}
    key = issuer.key
    header = {"typ": "logout+jwt", "alg": key.alg, "kid": key.kid}
    signing_input = compact(header, as_json(named))
    return b".".join((signing_input, base64url_encode(key.signature(signing_input)))).decode()


def announce_logout(issuer: Issuer, session: Session) -> None:
    """Tell every client that *session* has signed in at, without waiting for their answers."""
    sid = session.sid if issuer.config.names_session else None
    for client_id in sorted(session.clients):
        client = issuer.clients.get(client_id)
        if client is None or not client.backchannel_logout_uri:
            continue
        token = logout_token(issuer, client, subject=session.account.subject, sid=sid)
        Thread(target=_send, args=(client.backchannel_logout_uri, token), daemon=True).start()


def _send(uri: str, token: str) -> None:
    body = urlencode({"logout_token": token}).encode()
    request = Request(uri, data=body, method="POST")  # noqa: S310 - an address that we registered
    # A client that is away stays signed in until its own session ends: section 2.7.
    with contextlib.suppress(URLError, TimeoutError, ConnectionError):
        DIRECTLY.open(request, timeout=TIMEOUT_SECONDS).close()

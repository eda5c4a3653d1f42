"""The UserInfo endpoint: OpenID Connect Core 1.0, section 5.3; RFC 6750."""

from demo.provider.id_token import profile_claims
from demo.provider.issuer import Issuer
from demo.provider.messages import NO_STORE, Answer, Request


def answer(issuer: Issuer, request: Request) -> Answer:
    """Answer with the claims that the access token's scopes allow, or with 401."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    grant = issuer.access.find(token.strip()) if scheme.lower() == "bearer" else None
    if grant is None:
        error = ' error="invalid_token"' if scheme else ""
        return Answer(status=401, headers={**NO_STORE, "WWW-Authenticate": f"Bearer{error}"})
    claims = {
        "sub": grant.account.subject,
        **profile_claims(issuer, grant.account, grant.scopes),
    }
    return Answer(headers=NO_STORE, said=claims)

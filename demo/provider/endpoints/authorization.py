"""The authorization endpoint: Core 1.0, section 3.1.2, with RFC 7636 required and RFC 9207."""

import re
from dataclasses import dataclass

from demo.provider.endpoints import pages
from demo.provider.grants import CodeGrant, Session
from demo.provider.issuer import Issuer
from demo.provider.messages import Answer, Parameters, Request
from demo.provider.values import Account, Client

CODE_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""What S256 makes of any verifier: 32 bytes in base64url."""

PROMPTS = {"none", "login", "consent", "select_account"}
UNSUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class UntrustedRequestError(Exception):
    """The request names no client and redirect URI that belong together: RFC 6749, 4.1.2.1."""


class RefusedRequestError(Exception):
    """The request is refused, and the client is told by redirect."""

    def __init__(self, client: Client, state: str | None, error: str, description: str) -> None:
        super().__init__(description)
        self.client = client
        self.state = state
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """One request that was found in order. *max_age* is in seconds."""

    client: Client
    scopes: frozenset[str]
    state: str | None
    nonce: str | None
    code_challenge: str
    prompts: frozenset[str]
    max_age: int | None
    login_hint: str | None


def answer(issuer: Issuer, request: Request) -> Answer:
    """Answer with a code, an error, or the page on which people choose their account."""
    parameters = request.query if request.method == "GET" else request.form
    try:
        wanted = read_authorization_request(issuer, parameters)
    except UntrustedRequestError as error:
        return pages.problem(issuer, str(error))
    except RefusedRequestError as refused:
        return refusal(issuer, refused.client, refused.state, refused.error, str(refused))

    present = _present_session(issuer, request, wanted)
    if present is not None:
        return code_response(issuer, wanted, present)
    if "none" in wanted.prompts:
        return refusal(issuer, wanted.client, wanted.state, "login_required", "No suitable session")
    return pages.sign_in(issuer, wanted.client, parameters, hint=wanted.login_hint)


def read_authorization_request(issuer: Issuer, parameters: Parameters) -> AuthorizationRequest:
    """Return the request, or raise ``UntrustedRequestError`` or ``RefusedRequestError``."""
    client = _trusted_client(issuer, parameters)
    state = parameters.value("state")
    fault = _fault_of_parameters(parameters)
    if fault is not None:
        raise RefusedRequestError(client, state, *fault)
    max_age = parameters.value("max_age")
    return AuthorizationRequest(
        client=client,
        scopes=frozenset((parameters.value("scope") or "").split()),
        state=state,
        nonce=parameters.value("nonce"),
        code_challenge=parameters.value("code_challenge") or "",
        prompts=_prompts(parameters),
        max_age=int(max_age) if max_age else None,
        login_hint=parameters.value("login_hint"),
    )


def code_response(issuer: Issuer, wanted: AuthorizationRequest, session: Session) -> Answer:
    """Answer with a code for *session*, or as the account's refusal says."""
    account = session.account
    if account.refusal:
        return refusal(
            issuer, wanted.client, wanted.state, account.refusal, account.refusal_description
        )
    code = issuer.codes.issue(
        CodeGrant(
            client=wanted.client,
            redirect_uri=wanted.client.redirect_uri,
            code_challenge=wanted.code_challenge,
            scopes=wanted.scopes,
            nonce=wanted.nonce,
            session=session,
            states_auth_time=wanted.max_age is not None,
        )
    )
    return _response(issuer, wanted.client, wanted.state, {"code": code})


def refusal(
    issuer: Issuer, client: Client, state: str | None, error: str, description: str
) -> Answer:
    """Answer with an error by redirect: RFC 6749, section 4.1.2.1."""
    said = {"error": error}
    if description:
        said["error_description"] = description
    return _response(issuer, client, state, said)


def _response(issuer: Issuer, client: Client, state: str | None, said: dict[str, str]) -> Answer:
    if state is not None:
        said["state"] = state
    if issuer.config.names_issuer:
        said["iss"] = issuer.issuer
    # 303, so that the browser leaves behind the body of the form it came from: RFC 9700, 4.12.
    return Answer(status=303, redirect_to=client.redirect_uri, said=said)


def _trusted_client(issuer: Issuer, parameters: Parameters) -> Client:
    if parameters.duplicated & {"client_id", "redirect_uri"}:
        raise UntrustedRequestError("client_id or redirect_uri is given more than once")
    client = issuer.clients.get(parameters.value("client_id") or "")
    if client is None:
        raise UntrustedRequestError("no application with this client_id is registered here")
    if parameters.value("redirect_uri") != client.redirect_uri:
        raise UntrustedRequestError("the redirect_uri is not the one registered")
    return client


def _fault_of_parameters(parameters: Parameters) -> tuple[str, str] | None:
    """Return the error code and description of the first thing wrong, None when nothing is."""
    for name, error in UNSUPPORTED.items():
        if parameters.value(name):
            return error, f"{name} is not supported"
    response_type = parameters.value("response_type")
    if response_type not in {None, "code"}:
        return "unsupported_response_type", "only code is supported"
    if "openid" not in (parameters.value("scope") or "").split():
        return "invalid_scope", "scope must contain openid"
    max_age = parameters.value("max_age") or "0"
    prompts = _prompts(parameters)
    wrong = {
        f"duplicated: {', '.join(sorted(parameters.duplicated))}": bool(parameters.duplicated),
        "response_type is missing": response_type is None,
        "response_mode must be query": parameters.value("response_mode") not in {None, "query"},
        "code_challenge_method must be S256": parameters.value("code_challenge_method") != "S256",
        "code_challenge is missing or malformed": not CODE_CHALLENGE.fullmatch(
            parameters.value("code_challenge") or ""
        ),
        "prompt is unknown": bool(prompts - PROMPTS),
        "prompt none stands alone": "none" in prompts and len(prompts) > 1,
        "max_age is no number of seconds": not (max_age.isascii() and max_age.isdigit()),
    }
    description = next((text for text, is_wrong in wrong.items() if is_wrong), None)
    return None if description is None else ("invalid_request", description)


def _prompts(parameters: Parameters) -> frozenset[str]:
    return frozenset((parameters.value("prompt") or "").split())


def _present_session(
    issuer: Issuer, request: Request, wanted: AuthorizationRequest
) -> Session | None:
    """Return the session that answers without asking, None where the person must be asked."""
    now = int(issuer.clock())
    automatic = issuer.account(issuer.signs_in) or (
        issuer.account(wanted.login_hint) if issuer.is_automatic else None
    )
    if automatic is not None:
        return Session(account=automatic, auth_time=now)
    session = issuer.sessions.find(request.cookie(issuer.cookie_name))
    if session is None or wanted.prompts & {"login", "select_account"}:
        return None
    if wanted.max_age is not None and now - session.auth_time > wanted.max_age:
        return None
    if _is_another(session.account, wanted.login_hint):
        return None
    return session


def _is_another(account: Account, login_hint: str | None) -> bool:
    return login_hint is not None and account.email.lower() != login_hint.lower()

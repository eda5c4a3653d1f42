"""What the sign-in page posts: the account a person chose, or that they would rather not."""

from demo.provider.endpoints import pages
from demo.provider.endpoints.authorization import (
    RefusedRequestError,
    UntrustedRequestError,
    code_response,
    read_authorization_request,
    refusal,
)
from demo.provider.grants import Session
from demo.provider.issuer import Issuer
from demo.provider.messages import Answer, Request, with_cookie


def answer(issuer: Issuer, request: Request) -> Answer:
    """Sign the chosen account in and answer the authorization request that the address repeats.

    Without one the person is at the company's own page of applications, and returns there.
    """
    email = request.form.value("email")
    account = issuer.account(email)
    session = Session(account=account, auth_time=int(issuer.clock())) if account else None
    if not request.query.pairs:
        there = Answer(status=303, redirect_to=f"{issuer.url}/apps")
        return _remembered(issuer, there, session)
    try:
        wanted = read_authorization_request(issuer, request.query)
    except (UntrustedRequestError, RefusedRequestError) as error:
        return pages.problem(issuer, str(error))
    if request.form.value("cancel"):
        return refusal(issuer, wanted.client, wanted.state, "access_denied", "The person cancelled")
    if session is None:
        return pages.sign_in(issuer, wanted.client, request.query, hint=email, is_unknown=True)
    return _remembered(issuer, code_response(issuer, wanted, session), session)


def _remembered(issuer: Issuer, answer: Answer, session: Session | None) -> Answer:
    if session is None or session.account.refusal:
        return answer
    return with_cookie(
        answer, issuer.cookie_name, issuer.sessions.issue(session), path=f"/{issuer.slug}"
    )

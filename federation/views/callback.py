"""The way back from a partner's provider: the redirect URI."""

from django.contrib import auth
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView

from audit.trail import Happening, record
from federation import attempts, limits, remembered, sessions, staff, trials
from federation.callers import caller_of
from federation.oidc.errors import AdmissionError, AttemptError, FederationError, Reason
from federation.oidc.values import LoginAttempt, VerifiedIdentity
from federation.refusals import Refusal, refuse
from federation.registration import connection_of
from federation.single_use import was_used
from federation.traces import Trace
from partners.models import Connection, Partner, Status
from people.models import User
from tokens import store


# No form of ours leads here: every other method is told that it is none, with a token or without.
@method_decorator(csrf_exempt, name="dispatch")
class Callback(OIDCAuthenticationCallbackView):
    """Lets the person in whom the provider sends back: ``GET /login/<slug>/callback/``."""

    # Not HEAD, which Django would answer by GET: looking must not use up an attempt.
    http_method_names = ("get",)

    def get(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        """Answer with a redirect to where the person wanted to go, or refuse."""
        states = request.GET.getlist("state")
        state = states[0] if len(states) == 1 else ""
        try:
            attempt = attempts.take(request, state=state, partner=slug)
        except AttemptError as error:
            return self._without_attempt(request, error, slug=slug, state=state)
        if attempt.trial:
            # It stays in the browser, so that the page can be loaded again.
            return trials.finish_trial(request, attempt)
        response = self._with_attempt(request, attempt)
        attempts.forget(state, response=response)
        return response

    def _without_attempt(
        self, request: HttpRequest, error: AttemptError, *, slug: str, state: str
    ) -> HttpResponseBase:
        trial = attempts.held_trial(request, state=state, partner=slug)
        if trial is not None:
            return trials.stop_trial(request, trial, error)
        partner = Partner.objects.filter(slug=slug).exclude(status=Status.DRAFT).first()
        if partner is None:
            raise Http404
        # The Back button after a sign-in: whoever is in, is in.
        if sessions.signed_in_session(request) and was_used(state):
            return HttpResponseRedirect("/")
        if limits.count_failure(request, limits.CALLBACK):
            return limits.too_many(request, limits.CALLBACK)
        trace = _trace_of(request, state)
        response = refuse(request, Refusal(error=error, partner=partner, trace=trace))
        if state:
            attempts.forget(state, response=response)
        return response

    def _with_attempt(self, request: HttpRequest, attempt: LoginAttempt) -> HttpResponseBase:
        connection = connection_of(attempt.connection_id)
        partner = connection.partner if connection else None
        try:
            connection = _still_valid(connection, attempt)
            user = _arrived(request, attempt, connection)
        except FederationError as error:
            facts = _facts_for_the_owner(request, error, connection)
            return refuse(
                request, Refusal(error=error, partner=partner, attempt=attempt, facts=facts)
            )
        finish = staff.let_in if attempt.for_staff else _let_in
        return finish(request, user, connection=connection, attempt=attempt)


def _trace_of(request: HttpRequest, state: str) -> Trace:
    """Return what is left of an attempt that cannot be finished, for the page to be honest."""
    if not state:
        return ""
    if was_used(state):
        return "used"
    return "elsewhere" if request.COOKIES else "no cookies"


def _still_valid(connection: Connection | None, attempt: LoginAttempt) -> Connection:
    """Return the attempt's connection if it is as it was when the attempt began."""
    if connection is None or not connection.is_live or connection.issuer != attempt.issuer:
        raise AttemptError(Reason.ATTEMPT_UNKNOWN, "the connection has been changed since")
    if connection.partner.status != Status.LIVE:
        raise AdmissionError(Reason.PARTNER_NOT_LIVE, "the partner is not live any more")
    return connection


def _facts_for_the_owner(
    request: HttpRequest, error: FederationError, connection: Connection | None
) -> dict[str, object]:
    """Return what staff need to link the person behind a taken address to a new login.

    A superuser needs the same to link a member of staff.
    """
    if connection is None or error.reason not in {Reason.EMAIL_TAKEN, Reason.STAFF_NOT_LINKED}:
        return {}
    identity: VerifiedIdentity = request.verified_identity  # type: ignore[attr-defined]
    return {
        "connection_id": connection.pk,
        "client_id": connection.client_id,
        "issuer": identity.issuer,
        "provider_subject": identity.subject,
        "email": identity.email,
    }


def _arrived(request: HttpRequest, attempt: LoginAttempt, connection: Connection) -> User:
    """Return the person whom the response brings; raises ``FederationError``."""
    user = auth.authenticate(
        request,
        **{"staff_attempt" if attempt.for_staff else "attempt": attempt},
        connection=connection,
        parameters=dict(request.GET.lists()),
    )
    if user is None:
        # Django asks the backends that accept these arguments, and ours refuses by raising.
        raise AttemptError(Reason.ATTEMPT_UNKNOWN, "no backend knows what to do with the response")
    return user


def _let_in(
    request: HttpRequest, user: User, *, connection: Connection, attempt: LoginAttempt
) -> HttpResponseBase:
    identity: VerifiedIdentity = request.verified_identity  # type: ignore[attr-defined]
    sessions.sign_in(request, user, connection=connection, identity=identity)
    store.attach(request, user)
    record(
        Happening(
            what="login.succeeded",
            reference=attempt.reference,
            partner=attempt.partner,
            subject=user.subject,
            email=user.email,
            detail={"started_at": attempt.started_at.isoformat(timespec="seconds")},
        ),
        caller=caller_of(request),
    )
    response = HttpResponseRedirect(attempt.return_to)
    if attempt.remember:
        remembered.remember(
            slug=attempt.partner, email=user.email, request=request, response=response
        )
    return response

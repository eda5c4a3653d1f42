"""Trials: whole sign-ins that test a connection, and let nobody in.

A trial is begun by staff or by the partner's own IT, for any connection: a version that is being
prepared, or the live one. The response comes to the redirect URI of real sign-ins and is judged
like theirs, but there is no user, no session, no developer token and no remembered company. What
the provider said of the person is shown once, masked, to the browser that brought it; kept is
whether it passed.
"""

from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from audit.trail import Happening, new_reference, record
from federation import attempts
from federation.backend import PartnerBackend
from federation.callers import caller_of
from federation.claim_facts import facts_of
from federation.models import Trial
from federation.oidc.errors import AdmissionError, AttemptError, FederationError, Reason
from federation.oidc.values import Claims, LoginAttempt, VerifiedIdentity
from federation.provider import fetch_again
from federation.registration import connection_of
from federation.starts import Wish, prepared_attempt
from partners.home_realm import waiting_domain
from partners.models import Connection
from partners.tested import DIGEST_CHARACTERS, remember_tested, settings_digest

log = structlog.get_logger(__name__)

DETAIL_CHARACTERS = 300
"""Characters of our own explanation that a trial keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """How a trial ended, for the page that shows it once.

    Either ``error`` says why the person would not be let in, or ``identity`` whom the portal would
    let in. ``claims`` are as far as they could be verified. ``return_to`` is the page on which the
    trial was begun.
    """

    trial: Trial
    connection: Connection
    return_to: str
    error: FederationError | None = None
    identity: VerifiedIdentity | None = field(default=None, repr=False)
    claims: Claims = field(default_factory=dict, repr=False)


def start_trial(
    request: HttpRequest, connection: Connection, *, by: str, return_to: str
) -> HttpResponseBase:
    """Return the page that takes this browser to the provider of the saved *connection*.

    The request is a POST, and whoever makes it may test this connection: *by* names the person for
    the trail. *return_to* is the path of the page to which the result leads back. The provider's
    documents are fetched anew first: it may have been mended a minute ago.
    """
    try:
        attempt, url = _prepared(connection, return_to=return_to)
    except FederationError as error:
        return _ended(request, _not_begun(connection, error, by=by, return_to=return_to))
    _begun(connection, reference=attempt.reference, by=by, digest=attempt.trial)
    response = _taking_you(request, connection, url)
    attempts.remember(attempt, request=request, response=response)
    return response


def finish_trial(request: HttpRequest, attempt: LoginAttempt) -> HttpResponseBase:
    """Return the page that shows what became of the trial *attempt*, which this response ends."""
    trial, connection = _of(attempt)
    backend = PartnerBackend()
    parameters = dict(request.GET.lists())
    error, identity = _judged(backend, attempt, trial, connection, parameters=parameters)
    _learn(trial, backend.claims, email_claim=connection.email_claim)
    if isinstance(error, AdmissionError) and error.reason is Reason.EMAIL_NOT_OF_PARTNER:
        trial.facts["waiting_domain"] = waiting_domain(connection.partner, error.email)
    result = TrialResult(
        trial=trial,
        connection=connection,
        return_to=attempt.return_to,
        error=error,
        identity=identity,
        claims=backend.claims,
    )
    return _ended(request, result)


def stop_trial(
    request: HttpRequest, attempt: LoginAttempt, error: AttemptError
) -> HttpResponseBase:
    """Return the page for a trial *attempt* that cannot be taken any more, because of *error*."""
    (trial, connection), back = _of(attempt), attempt.return_to
    if trial.ended_at is not None:  # its page was shown once, and is loaded again
        return HttpResponseRedirect(back, status=HTTPStatus.SEE_OTHER)
    result = TrialResult(trial=trial, connection=connection, return_to=back, error=error)
    return _ended(request, result)


def _prepared(connection: Connection, *, return_to: str) -> tuple[LoginAttempt, str]:
    fetch_again(_found(connection.pk))
    tested = _found(connection.pk)
    wish = Wish(return_to=return_to, remember=False)
    return prepared_attempt(tested, wish, trial=settings_digest(tested))


def _not_begun(
    connection: Connection, error: FederationError, *, by: str, return_to: str
) -> TrialResult:
    tested = _found(connection.pk)
    trial = _begun(tested, reference=new_reference(), by=by, digest=settings_digest(tested))
    return TrialResult(trial=trial, connection=tested, return_to=return_to, error=error)


def _taking_you(request: HttpRequest, connection: Connection, url: str) -> HttpResponseBase:
    context = {"partner": connection.partner, "authorization_url": url}
    response = render(request, "federation/taking_you.html", context)
    # Not a redirect: form-action 'self' stops one that answers a form.
    response.headers["Refresh"] = f"0;url={url}"
    return response


def _judged(
    backend: PartnerBackend,
    attempt: LoginAttempt,
    trial: Trial,
    connection: Connection,
    *,
    parameters: dict[str, list[str]],
) -> tuple[FederationError | None, VerifiedIdentity | None]:
    """Return why the person would not be let in, or whom the portal would let in."""
    try:
        _require_unchanged(settings_digest(connection) == attempt.trial)
        identity = backend.identify(attempt=attempt, connection=connection, parameters=parameters)
        _require_permitted(trial, connection)
        _require_unchanged(remember_tested(connection, digest=attempt.trial, at=timezone.now()))
    except FederationError as error:
        return error, None
    return None, identity


def _of(attempt: LoginAttempt) -> tuple[Trial, Connection]:
    trial = get_object_or_404(Trial, reference=attempt.reference)
    return trial, _found(attempt.connection_id)


def _found(connection_id: int) -> Connection:
    connection = connection_of(connection_id)
    if connection is None:
        raise Http404
    return connection


def _begun(connection: Connection, *, reference: str, by: str, digest: str) -> Trial:
    return Trial.objects.create(
        connection=connection, reference=reference, by=by, settings_digest=digest
    )


def _require_unchanged(is_so: bool) -> None:  # noqa: FBT001 -- the name says it
    if not is_so:
        raise AttemptError(Reason.ATTEMPT_UNKNOWN, "the connection has been changed since")


def _require_permitted(trial: Trial, connection: Connection) -> None:
    """Raise where whoever began *trial* has been shut out since, perhaps a moment ago."""
    may_still_test = import_string(settings.TRIAL_PERMISSION)
    if not may_still_test(connection, by=trial.by):
        detail = "whoever began it may not test this connection any more"
        raise AttemptError(Reason.ATTEMPT_UNKNOWN, detail)


def _learn(trial: Trial, claims: Claims, *, email_claim: str) -> None:
    """Note the bare facts of *claims* in *trial*, and whether the person's subject has changed."""
    trial.facts = facts_of(claims, email_claim=email_claim, now=timezone.now())
    email, subject = str(claims.get(email_claim) or ""), str(claims.get("sub") or "")
    if not (email and subject):
        return
    trial.person_digest = _keyed(f"person {trial.connection_id}", email.lower())
    trial.subject_digest = _keyed(f"subject {trial.connection_id}", subject)
    others = Trial.objects.filter(
        connection=trial.connection_id,
        settings_digest=trial.settings_digest,
        person_digest=trial.person_digest,
    ).exclude(pk=trial.pk)
    trial.facts["subject_changed"] = others.exclude(subject_digest=trial.subject_digest).exists()


def _keyed(purpose: str, value: str) -> str:
    digest = salted_hmac(f"federation.trials {purpose}", value, algorithm="sha256")
    return digest.hexdigest()[:DIGEST_CHARACTERS]


def _ended(request: HttpRequest, result: TrialResult) -> HttpResponseBase:
    """Store, log and record how the trial ended, once, and return its page."""
    trial, error = result.trial, result.error
    if trial.ended_at is None:
        trial.ended_at = timezone.now()
        if error is not None:
            trial.reason, trial.detail = str(error.reason), error.detail[:DETAIL_CHARACTERS]
            trial.provider_error = error.provider_error
            trial.provider_description = error.provider_description
        trial.save()
        _record(request, result)
    page: HttpResponseBase = import_string(settings.TRIAL_RESULT_VIEW)(request, result)
    # The address of this page holds the provider's answer: no link may carry it away.
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def _record(request: HttpRequest, result: TrialResult) -> None:
    trial, slug = result.trial, result.connection.partner.slug
    what = "trial.refused" if trial.reason else "trial.passed"
    log.info(
        what,
        reason=trial.reason,
        reference=trial.reference,
        partner=slug,
        detail=trial.detail,
        provider_error=trial.provider_error,
    )
    detail: dict[str, object] = {"connection_id": result.connection.pk}
    detail |= {"detail": trial.detail} if trial.reason else {}
    if trial.provider_error:
        detail |= {
            "provider_error": trial.provider_error,
            "provider_description": trial.provider_description,
        }
    record(
        Happening(
            what=what,
            reason=trial.reason,
            reference=trial.reference,
            partner=slug,
            actor=trial.by,
            detail=detail,
        ),
        caller=caller_of(request),
    )

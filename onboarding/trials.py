"""The page on which a test sign-in ends: what the provider said, masked, and what follows of it."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from federation.claim_facts import masked, masked_claims
from federation.trials import TrialResult
from onboarding.doctor.trying import finding_of_trial
from onboarding.examinations import note_trial


def result_page(request: HttpRequest, result: TrialResult) -> HttpResponseBase:
    """Return the page for whoever brought the response, once: none of the claims is kept.

    Its status is 200 for a refusal too: it is the answer that was asked for.
    """
    note_trial(result.connection, by=result.trial.by)
    return render(request, "onboarding/trial.html", _context(result))


def _context(result: TrialResult) -> dict[str, object]:
    trial, identity = result.trial, result.identity
    # A trial that is seen a second time has its own end, and the claims are gone.
    is_over = result.error is not None and trial.has_passed
    is_refused = result.error is not None and not is_over
    return {
        "partner": result.connection.partner,
        "product": result.connection.get_provider_display(),
        "trial": trial,
        "error": result.error,
        "finding": finding_of_trial(trial, result.connection) if is_refused else None,
        "is_over": is_over,
        "claims": masked_claims(result.claims),
        "identity": identity,
        "email": masked(identity.email) if identity else "",
        "name": masked(identity.name) if identity else "",
        "subject": masked(identity.subject) if identity else "",
        "return_to": result.return_to,
    }

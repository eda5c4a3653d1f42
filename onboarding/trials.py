"""The end of a test sign-in: whether it may count, and what the provider said, masked."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from federation.claim_facts import masked, masked_claims
from federation.trials import TrialResult
from onboarding.doctor.trying import finding_of_trial
from onboarding.examinations import note_trial
from onboarding.models import SetUpLink
from onboarding.providers import product_of
from partners.models import Connection, Status
from people.models import User


def result_page(request: HttpRequest, result: TrialResult) -> HttpResponseBase:
    """Return the page for whoever brought the response, once: none of the claims is kept.

    Its status is 200 for a refusal too: it is the answer that was asked for.
    """
    note_trial(result.connection, by=result.trial.by)
    return render(request, "onboarding/trial.html", _context(result))


def may_still_test(connection: Connection, *, by: str) -> bool:
    """Return whether what *by* has begun to test may count: they are staff, or at work on it.

    The trial was begun by a browser that we had let in; that was up to a quarter of an hour ago.
    """
    if User.objects.filter(email__iexact=by, is_staff=True, is_active=True).exists():
        return True
    links = SetUpLink.objects.filter(case__partner=connection.partner_id, address=by)
    at_work = links.filter(used_at__isnull=False, revoked_at=None, case__closed_at=None)
    return at_work.exclude(case__partner__status=Status.PAUSED).exists()


def _context(result: TrialResult) -> dict[str, object]:
    trial, identity = result.trial, result.identity
    return {
        "partner": result.connection.partner,
        "product": product_of(result.connection.provider),
        "trial": trial,
        "error": result.error,
        "finding": finding_of_trial(trial, result.connection) if result.error else None,
        "claims": masked_claims(result.claims),
        "identity": identity,
        "email": masked(identity.email) if identity else "",
        "name": masked(identity.name) if identity else "",
        "subject": masked(identity.subject) if identity else "",
        "return_to": result.return_to,
    }

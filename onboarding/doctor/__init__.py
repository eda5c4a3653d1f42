"""Finding out what keeps a partner's people from signing in, and how to mend it.

A ``Case`` is a connection with what its provider answered. A diagnostic looks at one thing in it
and comes to a verdict: ``reaching`` the provider, how that is ``answering`` and ``describing``
itself, its keys and our ``credentials``, what ``probing`` tells of those, what a test sign-in shows
in ``trying``, what the portal is ``recording``, its ``domains``, and what changes in the
``lifecycle``. ``diagnostics`` runs a list of them and adds what mends it at a particular product;
``groups`` puts findings in the order of a page. Codes are those of ``docs/partners``, and stay.

To add one: write the function, put it into its module's ``DIAGNOSTICS``, and its code's text at a
product into that product's file. Nothing else knows them.
"""

from django.utils.translation import gettext as _

from onboarding.doctor import (
    answering,
    credentials,
    describing,
    domains,
    lifecycle,
    probing,
    reaching,
    recording,
    trying,
)
from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import findings_of
from onboarding.findings import Finding, Outcome
from partners.models import Connection, Partner

__all__ = [
    "DIAGNOSTICS",
    "Case",
    "Finding",
    "Outcome",
    "findings_here",
    "findings_of_case",
    "findings_of_documents",
    "findings_of_partner",
    "without_connection",
]

_OF_ANSWERS = (*reaching.DIAGNOSTICS, *answering.DIAGNOSTICS, *describing.DIAGNOSTICS)

_OF_DOCUMENTS = (
    *_OF_ANSWERS,
    credentials.readable_keys,
    credentials.usable_keys,
    credentials.auth_method,
)

_HERE = (
    *trying.DIAGNOSTICS,
    *recording.DIAGNOSTICS,
    *domains.DIAGNOSTICS,
    *lifecycle.DIAGNOSTICS,
)
"""What is known without asking anybody."""

DIAGNOSTICS = (*_OF_ANSWERS, *credentials.DIAGNOSTICS, *probing.DIAGNOSTICS, *_HERE)
"""All that can be looked at, in the order in which it is."""


def findings_of_documents(connection: Connection) -> list[Finding]:
    """Return what is found in the provider's documents, for a connection that may be unsaved."""
    return findings_of(Case(connection), _OF_DOCUMENTS)


def findings_of_case(case: Case) -> list[Finding]:
    """Return everything that is found at a saved connection; asks its provider."""
    return trying.with_trial(findings_of(case, DIAGNOSTICS), case)


def findings_here(case: Case) -> list[Finding]:
    """Return what is known of a saved connection without asking its provider.

    A test sign-in that passed has shown what is otherwise asked for by a probe.
    """
    has_passed = case.trial is not None and case.trial.has_passed
    return findings_of(case, (*probing.DIAGNOSTICS, *_HERE) if has_passed else _HERE)


def findings_of_partner(partner: Partner, *, probes: bool = False) -> list[Finding]:
    """Return everything that is found at a partner and its live connection.

    With *probes* the token and authorization endpoints are asked too: see ``probes``.
    """
    connection = partner.connections.filter(is_live=True).first()
    if connection is None:
        return [without_connection()]
    connection.partner = partner
    return findings_of_case(Case(connection, probes=probes))


def without_connection() -> Finding:
    """Return what is found at a partner that has no connection."""
    return Finding(
        code="OD-100",
        about=_("A connection"),
        outcome=Outcome.NEEDS_FIXING,
        statement=_("The partner has no connection."),
        remedy=_("Enter its provider’s issuer, and our client ID and secret there."),
        evidence={},
        duration_ms=0,
    )

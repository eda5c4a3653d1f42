"""Finding out what keeps a partner's people from signing in, and how to mend it.

A ``Case`` is a connection with what its provider answered. A diagnostic looks at one thing in it
and comes to a verdict: ``reaching`` the provider, ``describing`` itself, ``credentials``,
``recording`` on our side, its ``domains``. ``diagnostics`` runs a list of them; ``remedies`` adds what to do at a
particular product. Codes are those of ``docs/partners``, and stay.

To add one: write the function, put it into its module's ``DIAGNOSTICS``. Nothing else knows them.
"""

from django.utils.translation import gettext as _

from onboarding.doctor import credentials, describing, domains, reaching, recording
from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import findings_of
from onboarding.doctor.findings import Finding, Outcome
from partners.models import Connection, Partner

__all__ = ["Case", "Finding", "Outcome", "findings_of_documents", "findings_of_partner"]

_OF_DOCUMENTS = (
    *reaching.DIAGNOSTICS,
    *describing.DIAGNOSTICS,
    credentials.readable_keys,
    credentials.usable_keys,
    credentials.auth_method,
)


def findings_of_documents(connection: Connection) -> list[Finding]:
    """Return what is found in the provider's documents, for a connection that may be unsaved."""
    return findings_of(Case(connection), _OF_DOCUMENTS)


def findings_of_partner(partner: Partner) -> list[Finding]:
    """Return everything that is found at a partner and its live connection."""
    connection = partner.connections.filter(is_live=True).first()
    if connection is None:
        return [_without_connection()]
    connection.partner = partner
    diagnostics = (
        *reaching.DIAGNOSTICS,
        *describing.DIAGNOSTICS,
        *credentials.DIAGNOSTICS,
        *recording.DIAGNOSTICS,
        *domains.DIAGNOSTICS,
    )
    return findings_of(Case(connection), diagnostics)


def _without_connection() -> Finding:
    return Finding(
        code="OD-100",
        about=_("A connection"),
        outcome=Outcome.NEEDS_FIXING,
        statement=_("The partner has no connection."),
        remedy=_("Enter its provider’s issuer, and our client ID and secret there."),
        evidence={},
        duration_ms=0,
    )

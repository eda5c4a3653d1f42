"""What a connection's form learns from the provider's documents when it is saved."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from onboarding.doctor import Finding, Outcome, findings_of_documents
from partners.models import Connection

MERELY_AWAY = frozenset({"OD-102", "OD-104", "OD-201"})
"""Findings that a provider which isn't there yet, or not now, is reason enough for."""

_FIELDS = {
    "OD-116": "scopes",
    "OD-117": "pinned_claims",
    "OD-202": "id_token_algs",
    "OD-305": "token_endpoint_auth_method",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do with a connection: *errors* by field keep it from being saved, *notes* don't.

    *issuer* is what the provider calls itself, where that differs by a slash alone.
    """

    issuer: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def advice_on(connection: Connection, *, is_live: bool) -> Advice:
    """Return what the provider's documents say about *connection*; asks the provider.

    A live partner's connection needs good ones. A draft may be saved while its provider is away.
    """
    findings = findings_of_documents(connection)
    adopted = _own_spelling(connection, findings)
    faults = [
        finding
        for finding in findings
        if finding.outcome is Outcome.NEEDS_FIXING and not (adopted and finding.code == "OD-109")
    ]
    lenient = [] if is_live else [finding for finding in faults if finding.code in MERELY_AWAY]
    notes = [finding.sentence for finding in findings if finding.outcome is Outcome.CONSIDER]
    if adopted:
        notes.insert(0, _("The provider calls itself %s: the issuer is saved like that.") % adopted)
    if lenient:
        notes.insert(0, _("Saved, but not tried: %s") % lenient[0].sentence)
    errors = [
        (_FIELDS.get(fault.code, "issuer"), fault.sentence)
        for fault in faults
        if fault not in lenient
    ]
    return Advice(issuer=adopted, errors=tuple(errors), notes=tuple(notes))


def _own_spelling(connection: Connection, findings: list[Finding]) -> str:
    """Return what the provider calls itself if that is the issuer but for a slash at the end.

    Its spelling counts, because ID Tokens will bear it: Core 1.0, section 3.1.3.7.
    """
    for finding in findings:
        named = finding.evidence.get("issuer")
        if finding.code == "OD-109" and isinstance(named, str):
            is_the_same = named.rstrip("/") == connection.issuer.rstrip("/")
            return named if is_the_same and named != connection.issuer else ""
    return ""

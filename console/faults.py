"""Whose fault a refusal is: ours, the partner's, the person's, or the network's."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from federation.oidc.errors import Reason


class Fault(TextChoices):
    """Where to look first when sign-ins stop for a reason."""

    OURS = "ours", _("ours")
    THEIRS = "theirs", _("the partner’s")
    PERSONS = "persons", _("the person’s")
    NETWORKS = "networks", _("the network’s")


FAULTS = {
    Reason.ATTEMPT_UNKNOWN: Fault.PERSONS,
    Reason.ATTEMPT_EXPIRED: Fault.PERSONS,
    Reason.ATTEMPT_OF_ANOTHER_PARTNER: Fault.PERSONS,
    Reason.RESPONSE_MALFORMED: Fault.THEIRS,
    Reason.RESPONSE_FROM_ANOTHER_ISSUER: Fault.THEIRS,
    Reason.AUTHORIZATION_DENIED: Fault.THEIRS,
    Reason.PROVIDER_UNREACHABLE: Fault.NETWORKS,
    Reason.PROVIDER_MISCONFIGURED: Fault.THEIRS,
    # What we hold and send is no good any more, whoever has changed theirs.
    Reason.CLIENT_REJECTED: Fault.OURS,
    Reason.TOKEN_REQUEST_REFUSED: Fault.PERSONS,
    Reason.ID_TOKEN_MALFORMED: Fault.THEIRS,
    Reason.SIGNATURE_INVALID: Fault.THEIRS,
    Reason.KEY_UNKNOWN: Fault.THEIRS,
    Reason.ALGORITHM_NOT_ALLOWED: Fault.THEIRS,
    Reason.CLAIM_MISSING: Fault.THEIRS,
    Reason.CLAIM_MISMATCH: Fault.THEIRS,
    Reason.OUTSIDE_VALIDITY: Fault.THEIRS,
    Reason.SUBJECT_MISMATCH: Fault.THEIRS,
    Reason.EMAIL_MISSING: Fault.THEIRS,
    Reason.EMAIL_NOT_VERIFIED: Fault.THEIRS,
    Reason.EMAIL_NOT_OF_PARTNER: Fault.PERSONS,
    Reason.EMAIL_TAKEN: Fault.OURS,
    Reason.PERSON_INACTIVE: Fault.OURS,
    Reason.STAFF_NOT_LINKED: Fault.OURS,
    Reason.PARTNER_NOT_LIVE: Fault.OURS,
    Reason.STEP_UP_NOT_MET: Fault.THEIRS,
    Reason.TOKEN_ISSUER_UNAVAILABLE: Fault.OURS,
}
"""Every reason, and whose fault it most often is."""


def fault_of(reason: str) -> Fault | None:
    """Return whose fault a refusal for *reason* is, ``None`` for a word of another release."""
    try:
        return FAULTS[Reason(reason)]
    except ValueError:
        return None

"""How the provider answers: OD-106, OD-108, OD-406."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from federation.outbound import (
    Answer,
    AnswerTooLargeError,
    RedirectRefusedError,
    why_not_outbound,
)
from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import diagnostic
from onboarding.doctor.explanations import EXPLANATIONS
from onboarding.findings import Verdict, consider, could_not_tell, needs_fixing, passed

ENDS_SOON = timedelta(days=21)
"""How long before its end a certificate is spoken of: those that renew themselves have done it."""

CLOCK_SECONDS = 30
"""How far a clock may be off before it is spoken of."""

CLOCK_MOST_SECONDS = 120
"""How far it may be off before sign-ins fail: twice what they allow."""

ADDRESS_CHARACTERS = 255
"""Characters of an address to which we are sent on that is shown: no issuer is longer."""

_DISCOVERY_PATH = "/.well-known/openid-configuration"


@diagnostic("OD-108", gettext_lazy("No detours"), needs=("OD-105",))
def no_detours(case: Case) -> Verdict:
    """Look whether the document is where it should be, and of a bearable size."""
    answer = case.discovery
    if isinstance(answer, AnswerTooLargeError):
        return needs_fixing(_("The answer is far larger than a discovery document."))
    if not isinstance(answer, RedirectRefusedError):
        return passed(_("The answer comes from the address itself."))
    final = _final_issuer(answer.location, case)
    if not final:
        return needs_fixing(
            _("The discovery document redirects elsewhere."),
            _("Enter the address that it finally leads to."),
        )
    return needs_fixing(
        _("The discovery document redirects elsewhere."),
        _("Enter the final address: %s") % final,
        final=final,
    )


@diagnostic("OD-106", gettext_lazy("The certificate’s end"), needs=("OD-105",))
def certificate_end(case: Case) -> Verdict:
    """Look how long the certificate is good, and which TLS is spoken."""
    if not case.issuer.lower().startswith("https://"):
        return passed(_("Plain http, which this portal allows for this host."))
    peer = case.discovery.peer if isinstance(case.discovery, Answer) else None
    if peer is None:
        return could_not_tell(_("There is no answer whose certificate could be looked at."))
    left = peer.certificate_ends_at - timezone.now()
    shown = date_format(timezone.localtime(peer.certificate_ends_at), "DATE_FORMAT")
    evidence = {"tls": peer.protocol, "ends": peer.certificate_ends_at.date().isoformat()}
    if left <= ENDS_SOON:
        return consider(
            _("The certificate ends on %s.") % shown,
            _("Renew it: from that day on nobody can sign in."),
            **evidence,
        )
    return passed(_("The certificate is good until %s.") % shown, **evidence)


@diagnostic("OD-406", EXPLANATIONS["OD-406"].about, needs=("OD-105",))
def clocks(case: Case) -> Verdict:
    """Compare the provider's clock with ours, in its answer and in the last test sign-in."""
    seconds = _seconds_ahead(case)
    if seconds is None:
        return could_not_tell(_("The provider doesn’t say what time it is there."))
    remedy = _("Set the clock of the provider’s server by NTP.")
    if seconds > 0:
        statement = _("The provider’s clock is %s seconds ahead of ours.") % seconds
    else:
        statement = _("The provider’s clock is %s seconds behind ours.") % -seconds
    if abs(seconds) > CLOCK_MOST_SECONDS:
        return needs_fixing(statement, remedy, clock_ahead=seconds)
    if abs(seconds) > CLOCK_SECONDS:
        return consider(statement, remedy, clock_ahead=seconds)
    return passed(_("The provider’s clock and ours agree."), clock_ahead=seconds)


DIAGNOSTICS = (no_detours, certificate_end, clocks)


def _final_issuer(location: str, case: Case) -> str:
    """Return the issuer at whose document *location* is, empty where we would not ask that."""
    if len(location) > ADDRESS_CHARACTERS or why_not_outbound(location, trusted=case.trusted):
        return ""
    final, path, _rest = location.partition(_DISCOVERY_PATH)
    return final if path else ""


def _seconds_ahead(case: Case) -> int | None:
    if not isinstance(case.discovery, Answer):
        return None
    try:
        said = parsedate_to_datetime(case.discovery.date)
    except ValueError:
        return None
    if said.tzinfo is None:
        return None
    return round((said - case.asked_at).total_seconds())

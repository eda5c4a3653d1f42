"""What a person is told when a sign-in stops: plain words, and whom to ask."""

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from federation.oidc.errors import Reason
from federation.phrases import (
    BY_PROVIDER_ERROR,
    BY_REASON,
    NOT_APPROVED,
    NOT_ASSIGNED,
    Actor,
    Phrases,
)
from federation.templatetags.pages import possessive
from federation.traces import BY_TRACE, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What one refusal is called on its page.

    ``headline`` and ``cause`` are plain text in the language that was active.
    """

    headline: str
    cause: str
    who: Actor


def wording_of(
    reason: str,
    *,
    partner_name: str,
    portal_name: str,
    provider_error: str = "",
    provider_description: str = "",
    trace: Trace = "",
) -> Wording:
    """Return how a refusal for *reason* is put into words, in the active language.

    *partner_name* may be empty where no partner is known. *provider_error* and
    *provider_description* are the provider's own words; they choose between explanations and
    decide nothing else. *trace* does so for an attempt that cannot be finished.
    """
    if trace and reason == Reason.ATTEMPT_UNKNOWN:
        phrases = BY_TRACE[trace]
    else:
        phrases = _phrases_of(Reason(reason), provider_error, provider_description.casefold())
    partner = partner_name or _("your company")
    names = {
        "partner": partner,
        "partners": possessive(partner),
        "portal": portal_name,
        "portals": possessive(portal_name),
    }
    return Wording(
        headline=capfirst(str(phrases.headline) % names),
        cause=capfirst(str(phrases.cause) % names),
        who=phrases.who,
    )


def mailto_of(
    wording: Wording, *, address: str, portal_name: str, details: list[tuple[str, str]]
) -> str:
    """Return a ``mailto:`` address (RFC 6068) that tells *address* about a refusal.

    *details* are pairs of a label and its value, in the order of the page.
    """
    subject = _("Can’t sign in to %(portal)s") % {"portal": portal_name}
    facts = (f"{label}: {value}" for label, value in details)
    body = "\r\n".join([wording.headline, wording.cause, "", *facts])
    return f"mailto:{quote(address, safe='@')}?subject={quote(subject)}&body={quote(body)}"


def _phrases_of(reason: Reason, error: str, description: str) -> Phrases:
    usual = BY_REASON[reason]
    if reason is Reason.PROVIDER_UNREACHABLE:
        # It answered, and said that it cannot.
        return BY_PROVIDER_ERROR.get(error, usual)
    if reason is not Reason.AUTHORIZATION_DENIED:
        return usual
    if any(sign in description for sign in ("aadsts65001", "aadsts90094")):
        return NOT_APPROVED
    if any(sign in description for sign in ("not assigned", "aadsts50105")):
        return NOT_ASSIGNED
    if error == "access_denied" and description and not _says_cancelled(description):
        return usual
    return BY_PROVIDER_ERROR.get(error, usual)


def _says_cancelled(description: str) -> bool:
    # "denied" is in the sentence with which many products report a person's own Cancel.
    signs = ("cancel", "declin", "denied", "abort", "aadsts65004")
    return any(sign in description for sign in signs)

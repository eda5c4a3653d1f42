"""The words for every reason why a sign-in stops, before names are filled in."""

from typing import Literal, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from federation.oidc.errors import Reason

Actor = Literal["person", "partner", "owner"]
"""Who can mend it: the person, the partner's IT team, or the owner of this portal."""


class Phrases(NamedTuple):
    """What one refusal is called: texts with the names of the partner and of the portal.

    ``%(partners)s`` and ``%(portals)s`` are those names as owners: "Contoso’s", "von Contoso".
    """

    who: Actor
    headline: Promise
    cause: Promise


NOT_ASSIGNED = Phrases(
    "partner",
    _("%(partner)s hasn’t given you access yet"),
    _(
        "You signed in at %(partner)s, but %(partner)s has not assigned you to %(portal)s. "
        "Only %(partners)s IT team can change that."
    ),
)
NOT_APPROVED = Phrases(
    "partner",
    _("%(partners)s IT team has to approve %(portal)s first"),
    _(
        "Your password is fine. Someone with administrator rights at %(partner)s has to allow "
        "%(portal)s to learn your name and email address."
    ),
)
_STOPPED = Phrases(
    "person",
    _("You stopped before finishing"),
    _(
        "%(partners)s sign‑in page says that the sign‑in was cancelled. "
        "Nothing has changed; try again whenever you like."
    ),
)
_ASKED_FOR_MORE = Phrases(
    "person",
    _("%(partner)s needs one more step from you"),
    _("Its sign‑in page could not finish without you. Follow it to the end this time."),
)
_TROUBLE_THERE = Phrases(
    "partner",
    _("%(partners)s sign‑in page had a problem"),
    _("It told us that something went wrong on its side. Wait a few minutes, then try again."),
)
_SET_UP_WRONG = Phrases(
    "partner",
    _("Sign‑in for %(partner)s is not set up correctly"),
    _(
        "%(partners)s sign‑in page did not accept the way %(portal)s asked. "
        "Your account is fine; %(partners)s IT team has to change a setting."
    ),
)

BY_PROVIDER_ERROR = {
    "access_denied": _STOPPED,
    "consent_required": NOT_APPROVED,
    "interaction_required": _ASKED_FOR_MORE,
    "login_required": _ASKED_FOR_MORE,
    "account_selection_required": _ASKED_FOR_MORE,
    "temporarily_unavailable": _TROUBLE_THERE,
    "server_error": _TROUBLE_THERE,
    "invalid_request": _SET_UP_WRONG,
    "invalid_scope": _SET_UP_WRONG,
    "unauthorized_client": _SET_UP_WRONG,
    "unsupported_response_type": _SET_UP_WRONG,
}
"""By the error codes of RFC 6749, section 4.1.2.1, and of Core 1.0, section 3.1.2.6."""


def _untrusted(cause: Promise) -> Phrases:
    headline = _("We couldn’t trust the answer from %(partner)s")
    return Phrases("owner", headline, cause)


BY_REASON = {
    Reason.ATTEMPT_UNKNOWN: Phrases(
        "person",
        _("We couldn’t match this sign‑in to your browser"),
        _(
            "It was already used, it was started in another browser, or your browser blocks the "
            "cookie we need. Start again – it only takes a moment."
        ),
    ),
    Reason.ATTEMPT_EXPIRED: Phrases(
        "person",
        _("Your sign‑in took too long"),
        _("Start again – it only takes a moment."),
    ),
    Reason.ATTEMPT_OF_ANOTHER_PARTNER: Phrases(
        "person",
        _("This sign‑in was started for another company"),
        _("It came back as %(partner)s. Start again and choose your own company."),
    ),
    Reason.RESPONSE_MALFORMED: Phrases(
        "owner",
        _("We couldn’t read the answer from %(partner)s"),
        _("Part of it was missing or was there twice. Try again once."),
    ),
    Reason.RESPONSE_FROM_ANOTHER_ISSUER: _untrusted(
        _("It did not come from the sign‑in service that %(partner)s has registered here.")
    ),
    Reason.AUTHORIZATION_DENIED: Phrases(
        "partner",
        _("%(partner)s didn’t let you through"),
        _(
            "You reached %(partners)s sign‑in page, but it said no. "
            "Only %(partners)s IT team can tell you why."
        ),
    ),
    Reason.PROVIDER_UNREACHABLE: Phrases(
        "partner",
        _("%(partners)s sign‑in page is not answering"),
        _(
            "We tried, and gave up waiting. It is not a problem with your account: "
            "wait a few minutes, then try again."
        ),
    ),
    Reason.PROVIDER_MISCONFIGURED: _SET_UP_WRONG,
    Reason.CLIENT_REJECTED: Phrases(
        "owner",
        _("%(portals)s key for %(partner)s no longer works"),
        _(
            "Your account is fine. %(portal)s and %(partner)s have to agree on a new key; "
            "until then nobody from %(partner)s can sign in."
        ),
    ),
    Reason.TOKEN_REQUEST_REFUSED: Phrases(
        "person",
        _("That sign‑in was already used"),
        _("A double click or the Back button can do that. Start again – it only takes a moment."),
    ),
    Reason.ID_TOKEN_MALFORMED: _untrusted(
        _("It was not in the form that %(partner)s and %(portal)s have agreed on.")
    ),
    Reason.SIGNATURE_INVALID: _untrusted(_("Its signature is not the one of %(partner)s.")),
    Reason.KEY_UNKNOWN: _untrusted(
        _("It was signed with a key that %(partner)s has not published.")
    ),
    Reason.ALGORITHM_NOT_ALLOWED: _untrusted(
        _("It was signed in a way that %(portal)s does not accept from %(partner)s.")
    ),
    Reason.CLAIM_MISSING: _untrusted(_("Something that has to be in it was missing.")),
    Reason.CLAIM_MISMATCH: _untrusted(
        _("It was meant for another sign‑in, or for another site than %(portal)s.")
    ),
    Reason.SUBJECT_MISMATCH: _untrusted(
        _("One part of it was about you, the other about somebody else.")
    ),
    Reason.OUTSIDE_VALIDITY: Phrases(
        "partner",
        _("The answer from %(partner)s came at the wrong time"),
        _(
            "It says that it is no longer valid, or not yet. Try again; if that doesn’t help, "
            "a clock at %(partner)s is wrong."
        ),
    ),
    Reason.EMAIL_MISSING: Phrases(
        "partner",
        _("%(partner)s didn’t tell us your email address"),
        _(
            "You signed in, but %(portal)s can’t let you in without your address. "
            "%(partners)s IT team can switch it on."
        ),
    ),
    Reason.EMAIL_NOT_VERIFIED: Phrases(
        "partner",
        _("%(partner)s hasn’t confirmed your email address"),
        _("%(partner)s doesn’t say that the address is yours. Its IT team can confirm it."),
    ),
    Reason.EMAIL_NOT_OF_PARTNER: Phrases(
        "person",
        _("That account isn’t a %(partner)s account"),
        _("The address is not one of %(partner)s. Sign out there and choose another account."),
    ),
    Reason.EMAIL_TAKEN: Phrases(
        "owner",
        _("Your email address belongs to another account here"),
        _("%(portal)s knows it under an older account, and can connect the two."),
    ),
    Reason.PERSON_INACTIVE: Phrases(
        "owner",
        _("Your access to %(portal)s is turned off"),
        _("Your account at %(partner)s is fine. Only %(portal)s can turn access on again."),
    ),
    Reason.STAFF_NOT_LINKED: Phrases(
        "owner",
        _("Your account doesn’t open the service owner’s pages"),
        _("Your account at %(partner)s is fine. An owner of %(portal)s can link it to yours here."),
    ),
    Reason.PARTNER_NOT_LIVE: Phrases(
        "owner",
        _("Sign‑in for %(partner)s is closed at the moment"),
        _("%(portal)s has paused it or is still setting it up. Your work is safe."),
    ),
    Reason.STEP_UP_NOT_MET: Phrases(
        "partner",
        _("%(partner)s didn’t ask you for a second step"),
        _(
            "%(portal)s only lets people of %(partner)s in who confirm with a second step, such as "
            "a code or a security key. Try again; if you aren’t asked, its IT team must turn it on."
        ),
    ),
    Reason.TOKEN_ISSUER_UNAVAILABLE: Phrases(
        "owner",
        _("Your services are not reachable yet"),
        _("You are signed in, and there is nothing wrong with your account. Try again soon."),
    ),
}

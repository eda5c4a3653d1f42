"""Who may enter: the partner's own rules, applied to somebody whose ID Token has been verified.

Pure: the partner's domains, and whether its issuer serves other companies too, are passed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from federation.oidc.errors import AdmissionError, IdTokenError, Reason
from federation.oidc.step_up import require_step_up
from federation.oidc.values import Claims, ClientRegistration, IdToken, VerifiedIdentity
from partners.addresses import AddressError, normalised_email
from partners.rules import PINS_OF_SHARED_ISSUERS

NAME_CHARACTERS = 200
"""How much of a person's name is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What admission has to know of the partner.

    ``owns_email`` tells whether a normalised address is inside the partner's verified domains;
    ``shares_issuer`` whether another partner has the same issuer. Both may cost a query.
    """

    owns_email: Callable[[str], bool]
    shares_issuer: Callable[[], bool]


def lacks_claims(id_token: IdToken, registration: ClientRegistration) -> bool:
    """Return whether UserInfo has to be asked for what admission needs."""
    claims = id_token.claims
    if claims.get(registration.email_claim) is None:
        return True
    return registration.require_email_verified and claims.get("email_verified") is None


def admit(
    id_token: IdToken,
    claims: Claims,
    *,
    registration: ClientRegistration,
    house: House,
    now: datetime,
) -> VerifiedIdentity:
    """Return who signed in, admitted; *claims* are the ID Token's, filled up from UserInfo.

    Raises ``AdmissionError``, and ``IdTokenError`` where a pinned claim does not hold.
    """
    _require_pins(id_token, registration)
    require_step_up(id_token, registration=registration, now=now)
    raw = claims.get(registration.email_claim)
    if not isinstance(raw, str) or not raw:
        raise AdmissionError(Reason.EMAIL_MISSING, f"{registration.email_claim} is not a text")
    doubt = _doubt_about_email(claims, registration=registration, house=house)
    if doubt:
        raise AdmissionError(Reason.EMAIL_NOT_VERIFIED, doubt, email=raw)
    try:
        email = normalised_email(raw)
    except AddressError as error:
        raise AdmissionError(Reason.EMAIL_NOT_OF_PARTNER, str(error)) from error
    # The one rule that outranks every feature: no provider can speak for another partner's people.
    if not house.owns_email(email):
        raise AdmissionError(
            Reason.EMAIL_NOT_OF_PARTNER,
            "the address is outside the partner's verified domains",
            email=email,
        )
    return VerifiedIdentity(
        issuer=id_token.issuer,
        subject=id_token.subject,
        email=email,
        name=_name_in(claims),
        session_id=id_token.session_id or "",
        session_expires_at=id_token.session_expires_at,
    )


def _require_pins(id_token: IdToken, registration: ClientRegistration) -> None:
    for claim, pinned in registration.pinned_claims.items():
        if claim not in id_token.claims:
            raise IdTokenError(Reason.CLAIM_MISSING, f"the pinned claim {claim} is missing")
        # The type counts too: 1 is true to Python, and not to the provider.
        value = id_token.claims[claim]
        if type(value) is not type(pinned) or value != pinned:
            raise IdTokenError(Reason.CLAIM_MISMATCH, f"the pinned claim {claim} differs")


def _doubt_about_email(claims: Claims, *, registration: ClientRegistration, house: House) -> str:
    """Return why the address may not be the person's own, empty when it is."""
    if "email_verified" in claims and not _says_verified(claims["email_verified"]):
        return "email_verified is there and is not true"
    # Entra ID says with xms_edov whether the domain's owner has been verified; where it says no,
    # the address is one that the person has chosen.
    if "xms_edov" in claims and not _says_verified(claims["xms_edov"], or_one=True):
        return "xms_edov is there and is not true"
    # It speaks of the claim email: Core 1.0, section 5.1. Another claim's address may be another.
    if "email_verified" in claims and claims.get("email") == claims[registration.email_claim]:
        return ""
    if registration.require_email_verified:
        return "email_verified is required, and missing for this address"
    if registration.issuer in PINS_OF_SHARED_ISSUERS or house.shares_issuer():
        return "email_verified is missing for this address, and the issuer is shared"
    return ""


def _says_verified(value: object, *, or_one: bool = False) -> bool:
    # Several providers write booleans as text. Python would take "false" for true.
    if isinstance(value, str):
        return value.lower() == "true" or (or_one and value == "1")
    return value is True or (or_one and type(value) is int and value == 1)


def _name_in(claims: Claims) -> str:
    name = claims.get("name")
    if not isinstance(name, str) or not name.strip():
        parts = (claims.get("given_name"), claims.get("family_name"))
        name = " ".join(part for part in parts if isinstance(part, str))
    printable = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(printable.split())[:NAME_CHARACTERS]

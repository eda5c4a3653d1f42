"""The one form of an e-mail address, and of a domain, that is compared, stored and shown."""

import re
import unicodedata

import idna
from email_validator import EmailNotValidError, validate_email

EMAIL_CHARACTERS = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""

DOMAIN_CHARACTERS = 253
"""RFC 1035, section 2.3.4, in the dotted form."""

_ASCII = re.compile("[!-~]")
_FOREIGN_DOTS = re.compile("[\u3002\uff0e\uff61]")


class AddressError(ValueError):
    """The text is not one plain e-mail address, or not a domain name."""


def normalised_email(raw: str) -> str:
    """Return *raw* as NFC, in lower case, its domain as an A-label.

    Raises ``AddressError`` for everything that is not exactly one plain address: quoted local
    parts, address literals, comments, a second ``@``, characters that merely look like ASCII.
    """
    if not raw or len(raw) > EMAIL_CHARACTERS:
        raise AddressError("not an e-mail address")
    local, _, domain = raw.rpartition("@")
    if _folds_into_ascii(local) or _maps_into_ascii(domain):
        raise AddressError("the address has characters that look like others")
    try:
        address = validate_email(raw, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise AddressError("not an e-mail address") from error
    return f"{address.local_part.lower()}@{address.ascii_domain.lower()}"


def normalised_domain(raw: str) -> str:
    """Return the domain name *raw* in lower case as A-labels: IDNA 2008, not transitional.

    Raises ``AddressError`` for what is not a domain name.
    """
    text = raw.strip().lower()
    if not text or len(text) > DOMAIN_CHARACTERS or _maps_into_ascii(text):
        raise AddressError("not a domain name")
    try:
        name = idna.encode(text, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise AddressError("not a domain name") from error
    if len(name) > DOMAIN_CHARACTERS or name.endswith("."):
        raise AddressError("not a domain name")
    return name


def readable_domain(name: str) -> str:
    """Return the domain *name*, A-labels, as people write it: in the letters of their language."""
    try:
        return idna.decode(name)
    except idna.IDNAError:
        return name


def domain_of(email: str) -> str:
    """Return the domain of a normalised address."""
    return email.rpartition("@")[2]


def _folds_into_ascii(local: str) -> bool:
    # U+212A, U+017F, full-width letters and their like become plain letters in one library's
    # folding and not in another's: whoever owns the plain address must not be met by the other.
    return any(
        _ASCII.search(folded)
        for character in local
        if not character.isascii()
        for folded in (
            unicodedata.normalize("NFKC", character),
            character.casefold(),
            character.upper(),
            character.lower(),
        )
    )


def _maps_into_ascii(domain: str) -> bool:
    if _FOREIGN_DOTS.search(domain):
        return True
    return any(
        _ASCII.search(unicodedata.normalize("NFKC", character))
        for character in domain
        if not character.isascii()
    )

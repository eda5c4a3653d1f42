"""Why a sign-in stops: the stable reasons, and the errors that carry them.

The class of an error says who must act, its reason says what happened.
"""

from enum import StrEnum, auto
from http import HTTPStatus

PROVIDER_WORDS_LENGTH = 120
"""Characters of a provider's text that we keep: it is shown as a quotation, not as a page."""

PROVIDER_WORD_LENGTH = 38
"""Characters of one word in it: a UUID in quotes is read out to a help desk, a code is not."""


EMAIL_LENGTH = 60
"""Characters of an address that are shown to the person who signed in with it."""


class Reason(StrEnum):
    """What made a sign-in stop: the same word on pages, in logs and in the trail."""

    ATTEMPT_UNKNOWN = auto()
    ATTEMPT_EXPIRED = auto()
    ATTEMPT_OF_ANOTHER_PARTNER = auto()
    RESPONSE_MALFORMED = auto()
    RESPONSE_FROM_ANOTHER_ISSUER = auto()
    AUTHORIZATION_DENIED = auto()
    PROVIDER_UNREACHABLE = auto()
    PROVIDER_MISCONFIGURED = auto()
    CLIENT_REJECTED = auto()
    TOKEN_REQUEST_REFUSED = auto()
    ID_TOKEN_MALFORMED = auto()
    SIGNATURE_INVALID = auto()
    KEY_UNKNOWN = auto()
    ALGORITHM_NOT_ALLOWED = auto()
    CLAIM_MISSING = auto()
    CLAIM_MISMATCH = auto()
    OUTSIDE_VALIDITY = auto()
    SUBJECT_MISMATCH = auto()
    EMAIL_MISSING = auto()
    EMAIL_NOT_VERIFIED = auto()
    EMAIL_NOT_OF_PARTNER = auto()
    EMAIL_TAKEN = auto()
    PERSON_INACTIVE = auto()
    STAFF_NOT_LINKED = auto()
    PARTNER_NOT_LIVE = auto()
    STEP_UP_NOT_MET = auto()
    TOKEN_ISSUER_UNAVAILABLE = auto()

    @property
    def status(self) -> HTTPStatus:
        """Return the HTTP status of a refusal for this reason."""
        return _STATUS.get(self, HTTPStatus.BAD_REQUEST)


_STATUS = {
    Reason.AUTHORIZATION_DENIED: HTTPStatus.FORBIDDEN,
    Reason.PROVIDER_UNREACHABLE: HTTPStatus.BAD_GATEWAY,
    Reason.PROVIDER_MISCONFIGURED: HTTPStatus.BAD_GATEWAY,
    Reason.CLIENT_REJECTED: HTTPStatus.BAD_GATEWAY,
    Reason.EMAIL_MISSING: HTTPStatus.FORBIDDEN,
    Reason.EMAIL_NOT_VERIFIED: HTTPStatus.FORBIDDEN,
    Reason.EMAIL_NOT_OF_PARTNER: HTTPStatus.FORBIDDEN,
    Reason.EMAIL_TAKEN: HTTPStatus.FORBIDDEN,
    Reason.PERSON_INACTIVE: HTTPStatus.FORBIDDEN,
    Reason.STAFF_NOT_LINKED: HTTPStatus.FORBIDDEN,
    Reason.PARTNER_NOT_LIVE: HTTPStatus.FORBIDDEN,
    Reason.STEP_UP_NOT_MET: HTTPStatus.FORBIDDEN,
    Reason.TOKEN_ISSUER_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


class FederationError(Exception):
    """A sign-in that stopped.

    ``detail`` is for our logs: it names members, claims and algorithms, and never holds the value
    of a token, a code or a secret. ``provider_error`` and ``provider_description`` are the
    provider's own words from an error response, plain text, to be shown as a quotation only.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        provider_error: str = "",
        provider_description: str = "",
    ) -> None:
        """Stop for *reason*."""
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail
        self.provider_error = _plain(provider_error)
        self.provider_description = _plain(provider_description)

    @property
    def status(self) -> HTTPStatus:
        """Return the HTTP status of this refusal."""
        return self.reason.status


class AttemptError(FederationError):
    """There is no attempt that this response could finish: the person starts again."""


class AuthorizationError(FederationError):
    """The authorization response says no, or is not one that this attempt may accept."""


class ProviderError(FederationError):
    """The partner's provider is down, misconfigured, or refuses our client.

    ``timed_out`` is true when its deadline passed before it had answered.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        timed_out: bool = False,
        provider_error: str = "",
        provider_description: str = "",
    ) -> None:
        """Stop for *reason*."""
        super().__init__(
            reason,
            detail,
            provider_error=provider_error,
            provider_description=provider_description,
        )
        self.timed_out = timed_out

    @property
    def status(self) -> HTTPStatus:
        """Return the HTTP status of this refusal: 504 when the deadline passed."""
        return HTTPStatus.GATEWAY_TIMEOUT if self.timed_out else self.reason.status


class IdTokenError(FederationError):
    """The ID Token, or what UserInfo adds to it, does not hold."""


class UnknownKeyError(IdTokenError):
    """No key of the set fits: the provider may have rotated its keys since we fetched them."""


class AdmissionError(FederationError):
    """Who signed in is genuine, and may not enter.

    ``email`` is the address that the provider gave for this person, shortened: it is shown on this
    person's own page, and never logged or recorded.
    """

    def __init__(self, reason: Reason, detail: str = "", *, email: str = "") -> None:
        """Stop for *reason*."""
        super().__init__(reason, detail)
        self.email = _shown_address(email)


def require_able(status: int, *, whose: str) -> None:
    """Raise ``ProviderError`` with ``provider_unreachable`` when *status* says: not now."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ProviderError(Reason.PROVIDER_UNREACHABLE, f"{whose} answered with status {status}")


def _shown_address(email: str) -> str:
    # What is no address could be any sentence that a provider wants to have on our page.
    if not email.isprintable() or " " in email or email.count("@") != 1:
        return ""
    return email if len(email) <= EMAIL_LENGTH else f"{email[: EMAIL_LENGTH - 1]}…"


def _plain(words: str) -> str:
    # Control and format characters could break a log line, or turn the direction of the text
    # around the quotation. A very long word may be the code or the secret that we sent.
    printable = "".join(character if character.isprintable() else " " for character in words)
    shown = (word if len(word) <= PROVIDER_WORD_LENGTH else "…" for word in printable.split())
    return " ".join(shown)[:PROVIDER_WORDS_LENGTH]

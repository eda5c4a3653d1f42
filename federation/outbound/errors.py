"""Why a call to a partner's system brought no answer."""

from typing import ClassVar

from federation.oidc.errors import ProviderError, Reason


class OutboundError(Exception):
    """A call that brought no answer.

    ``detail`` may be logged and shown to the owner and the partner: it names the host and what
    kind of thing went wrong, and never holds a byte of what was answered, which may come from
    inside our network.
    """

    reason: ClassVar[Reason] = Reason.PROVIDER_UNREACHABLE
    timed_out: ClassVar[bool] = False

    def __init__(self, detail: str) -> None:
        """Stop, because of *detail*."""
        super().__init__(detail)
        self.detail = detail


class AddressRefusedError(OutboundError):
    """The URL, or an address that its host name leads to, is not one that the portal calls."""

    reason = Reason.PROVIDER_MISCONFIGURED


class UnreachableError(OutboundError):
    """No connection, or one that broke off before the answer was complete."""


class NotTrustedError(OutboundError):
    """The other side did not prove over TLS that it is the host of the URL."""


class DeadlineExceededError(OutboundError):
    """The deadline passed before the answer was complete."""

    timed_out = True


class AnswerTooLargeError(OutboundError):
    """The answer, its headers included, has more bytes than any document that we ask for."""

    reason = Reason.PROVIDER_MISCONFIGURED


class RedirectRefusedError(OutboundError):
    """The answer sends us elsewhere: the next address would be chosen by the provider.

    ``location`` is that address as it came, which nobody has judged.
    """

    reason = Reason.PROVIDER_MISCONFIGURED

    def __init__(self, detail: str, *, location: str = "") -> None:
        """Stop, because of *detail*."""
        super().__init__(detail)
        self.location = location


class EncodingRefusedError(OutboundError):
    """The answer is compressed although we asked for none: 200 kB can unpack to 200 MB."""

    reason = Reason.PROVIDER_MISCONFIGURED


def as_provider_error(error: OutboundError) -> ProviderError:
    """Return *error* as the refusal of a sign-in."""
    return ProviderError(error.reason, error.detail, timed_out=error.timed_out)

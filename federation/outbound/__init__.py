"""The only way from the portal to a URL that a partner named.

``endpoints`` judges URLs before anything is looked up, ``addresses`` what a host name leads to,
``connection`` calls the judged address within a budget of seconds and bytes, ``client`` keeps
connections open between calls, and ``errors`` say why there is no answer.

It stands on ``http.client`` alone. Redirects, proxies, credentials from the environment, cookies,
decompression and retries would each have to be switched off in a larger client, and stay so.
"""

from .client import Outbound, outbound
from .connection import Answer, Peer
from .endpoints import why_not_issuer, why_not_outbound
from .errors import (
    AddressRefusedError,
    AnswerTooLargeError,
    DeadlineExceededError,
    EncodingRefusedError,
    NotTrustedError,
    OutboundError,
    RedirectRefusedError,
    UnreachableError,
    as_provider_error,
)

__all__ = [
    "AddressRefusedError",
    "Answer",
    "AnswerTooLargeError",
    "DeadlineExceededError",
    "EncodingRefusedError",
    "NotTrustedError",
    "Outbound",
    "OutboundError",
    "Peer",
    "RedirectRefusedError",
    "UnreachableError",
    "as_provider_error",
    "outbound",
    "why_not_issuer",
    "why_not_outbound",
]

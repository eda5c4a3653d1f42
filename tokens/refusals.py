"""Telling the log and the trail that somebody got no developer token."""

import threading
import time

import structlog
from django.http import HttpRequest

from audit.trail import Caller, Happening, new_reference, record
from tokens.errors import TokenIssuerError
from tokens.signed_in import SignedIn

log = structlog.get_logger(__name__)

REASON = "token_issuer_unavailable"
"""The reason, as in docs/reasons.md; federation.oidc.errors lists it with the others."""

SAME_FOR_SECONDS = 10.0
"""A proxy asks for every picture of a page: while the trouble is the same, so is the refusal."""

REMEMBERED = 10_000
"""Sessions whose refusal is remembered; beyond that all are forgotten and recorded anew."""


class RecentRefusals:
    """The refusals of the last seconds in this process, by session and cause. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, str]] = {}

    def reference_of(self, digest: str, cause: str) -> tuple[str, bool]:
        """Return the refusal's reference, and whether it is a new one that is to be recorded."""
        with self._lock:
            now = time.monotonic()
            at, reference = self._known.get((digest, cause), (0.0, ""))
            if reference and now - at < SAME_FOR_SECONDS:
                return reference, False
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            reference = new_reference()
            self._known[digest, cause] = (now, reference)
            return reference, True


_recent = RecentRefusals()


def recorded_once(request: HttpRequest, person: SignedIn, error: TokenIssuerError) -> str:
    """Return the refusal's reference, recorded unless this session has just been told the same."""
    reference, is_new = _recent.reference_of(person.row.digest, error.cause)
    if is_new:
        record_refusal(request, person, error, reference=reference)
    return reference


def record_refusal(
    request: HttpRequest, person: SignedIn, error: TokenIssuerError, *, reference: str
) -> None:
    """Write one line to the log and one row to the trail."""
    log.warning(
        error.what,
        reason=REASON,
        reference=reference,
        partner=person.partner.slug,
        subject=person.user.subject,
        cause=error.cause,
    )
    record(
        Happening(
            what=error.what,
            reason=REASON,
            reference=reference,
            partner=person.partner.slug,
            subject=person.user.subject,
            email=person.user.email,
            detail={"cause": error.cause, **error.facts},
        ),
        caller=_caller_of(request),
    )


def _caller_of(request: HttpRequest) -> Caller:
    return Caller(
        address=request.META.get("REMOTE_ADDR") or None,
        agent=request.META.get("HTTP_USER_AGENT", ""),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )

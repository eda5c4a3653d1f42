"""The whole story of one sign-in, by its reference: how far it came, and what stopped it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event
from console.faults import Fault, fault_of
from federation.claim_facts import masked
from federation.models import Trial
from federation.oidc.errors import Reason
from federation.registration import redirect_uri_of
from federation.wording import Wording, wording_of
from onboarding.doctor.trying import finding_of_trial
from onboarding.findings import Finding
from partners.models import Connection, Partner


class Step(TextChoices):
    """The steps of a sign-in, in their order: docs/walk.md."""

    STARTED = "started", gettext_lazy("Started")
    RETURNED = "returned", gettext_lazy("Came back from the provider")
    REDEEMED = "redeemed", gettext_lazy("Tokens for the code")
    VERIFIED = "verified", gettext_lazy("ID Token")
    ADMITTED = "admitted", gettext_lazy("Claims, and the partner’s rules")
    DECIDED = "decided", gettext_lazy("Signed in")


STOPS = {
    Reason.ATTEMPT_UNKNOWN: Step.RETURNED,
    Reason.ATTEMPT_EXPIRED: Step.RETURNED,
    Reason.ATTEMPT_OF_ANOTHER_PARTNER: Step.RETURNED,
    Reason.RESPONSE_MALFORMED: Step.RETURNED,
    Reason.RESPONSE_FROM_ANOTHER_ISSUER: Step.RETURNED,
    Reason.AUTHORIZATION_DENIED: Step.RETURNED,
    Reason.PARTNER_NOT_LIVE: Step.RETURNED,
    Reason.PROVIDER_UNREACHABLE: Step.REDEEMED,
    Reason.PROVIDER_MISCONFIGURED: Step.REDEEMED,
    Reason.CLIENT_REJECTED: Step.REDEEMED,
    Reason.TOKEN_REQUEST_REFUSED: Step.REDEEMED,
    Reason.ID_TOKEN_MALFORMED: Step.VERIFIED,
    Reason.SIGNATURE_INVALID: Step.VERIFIED,
    Reason.KEY_UNKNOWN: Step.VERIFIED,
    Reason.ALGORITHM_NOT_ALLOWED: Step.VERIFIED,
    Reason.CLAIM_MISSING: Step.VERIFIED,
    Reason.CLAIM_MISMATCH: Step.VERIFIED,
    Reason.OUTSIDE_VALIDITY: Step.VERIFIED,
    Reason.SUBJECT_MISMATCH: Step.ADMITTED,
    Reason.STEP_UP_NOT_MET: Step.ADMITTED,
    Reason.EMAIL_MISSING: Step.ADMITTED,
    Reason.EMAIL_NOT_VERIFIED: Step.ADMITTED,
    Reason.EMAIL_NOT_OF_PARTNER: Step.ADMITTED,
    Reason.EMAIL_TAKEN: Step.DECIDED,
    Reason.PERSON_INACTIVE: Step.DECIDED,
    Reason.STAFF_NOT_LINKED: Step.DECIDED,
    Reason.TOKEN_ISSUER_UNAVAILABLE: Step.DECIDED,
}
"""At which step each reason stops a sign-in that has begun."""

BEFORE_IT_BEGAN = frozenset(
    {
        *(Reason.PROVIDER_UNREACHABLE, Reason.PROVIDER_MISCONFIGURED),
        *(Reason.CLIENT_REJECTED, Reason.PARTNER_NOT_LIVE),
    }
)
"""Reasons that stop one before it has begun, too: then there is no attempt."""

ENDS = ("login.succeeded", "login.refused", "staff.signed_in", "trial.passed", "trial.refused")
"""Events with which a sign-in ends, or a test of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One step of the story; *state* is ``passed``, ``stopped``, ``unknown`` or ``unreached``."""

    step: Step
    state: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that is known of one sign-in. *evidence* names people only so that they know themselves.

    *for_partner* is what may be sent to the partner's IT. *wording* is what the person read,
    or would have read at a test sign-in (*is_trial*), which *mending* says more of.
    """

    reference: str
    end: Event
    partner: Partner | None
    passages: Sequence[Passage]
    wording: Wording | None
    fault: Fault | None
    evidence: Sequence[tuple[str, str]]
    for_partner: str
    is_trial: bool
    mending: Finding | None
    events: Sequence[Event]


def story_of(reference: str) -> Story | None:
    """Return the story of the sign-in with this *reference*, ``None`` where there is none."""
    events = list(Event.objects.filter(reference=reference).order_by("id"))
    end = next((event for event in events if event.what in ENDS), None)
    if end is None:
        return None
    partner = Partner.objects.filter(slug=end.partner).first()
    wording = _wording_of(end, partner)
    evidence = _evidence_in(end)
    trial = Trial.objects.filter(reference=reference).first()
    in_use = partner.live_connection if partner else None
    connection = trial.connection if trial else in_use
    mending = finding_of_trial(trial, trial.connection) if trial and end.reason else None
    happened = str(mending.statement) if mending else wording.headline if wording else end.what
    return Story(
        reference=reference,
        end=end,
        partner=partner,
        passages=passages_of(end),
        wording=wording,
        fault=fault_of(end.reason),
        evidence=evidence,
        for_partner=_for_partner(end, partner, connection, happened, evidence),
        is_trial=trial is not None,
        mending=mending,
        events=events,
    )


def passages_of(end: Event) -> list[Passage]:
    """Return how far the sign-in came that ended with *end*."""
    started_at = parse_datetime(str(end.detail.get("started_at", "")))
    stop = _stop_of(end, is_begun=started_at is not None)
    steps = list(Step)
    passages = []
    for number, step in enumerate(steps):
        if stop is None or number < steps.index(stop):
            # A response to no attempt that is known here: when it began, nobody knows.
            known = step is not Step.STARTED or started_at or not end.what.startswith("login")
            state = "passed" if known else "unknown"
        else:
            state = "stopped" if step is stop else "unreached"
        at = {Step.STARTED: started_at}.get(step, end.at if step in {stop, steps[-1]} else None)
        passages.append(Passage(step=step, state=state, at=at if state != "unreached" else None))
    return passages


def _stop_of(end: Event, *, is_begun: bool) -> Step | None:
    if not end.reason:
        return None
    if end.reason not in {str(reason) for reason in Reason}:
        return Step.DECIDED
    reason = Reason(end.reason)
    is_trial = end.what.startswith("trial")
    if reason in BEFORE_IT_BEGAN and not is_begun and not is_trial:
        return Step.STARTED
    return STOPS[reason]


def _wording_of(end: Event, partner: Partner | None) -> Wording | None:
    if fault_of(end.reason) is None:
        return None
    return wording_of(
        end.reason,
        partner_name=partner.name if partner else "",
        portal_name=settings.PORTAL_NAME,
        provider_error=str(end.detail.get("provider_error", "")),
        provider_description=str(end.detail.get("provider_description", "")),
    )


def _evidence_in(end: Event) -> list[tuple[str, str]]:
    facts = end.detail
    known = [
        (_("What we found"), facts.get("detail")),
        (_("The provider’s error"), facts.get("provider_error")),
        (_("The provider’s words"), facts.get("provider_description")),
        (_("Issuer"), facts.get("issuer")),
        (_("Address"), masked(str(facts.get("email") or end.email or ""))),
    ]
    return [(str(label), str(value)) for label, value in known if value]


def _for_partner(
    end: Event,
    partner: Partner | None,
    connection: Connection | None,
    happened: str,
    evidence: list[tuple[str, str]],
) -> str:
    facts = [
        (_("Reference"), end.reference),
        (
            _("When"),
            date_format(localtime(end.at), "DATETIME_FORMAT") + " " + f"{localtime(end.at):%Z}",
        ),
        (_("What happened"), happened),
        (_("Reason"), end.reason),
        *evidence,
        (_("Our client ID at you"), connection.client_id if connection else ""),
        (_("Our redirect URI"), redirect_uri_of(partner.slug) if partner else ""),
    ]
    return "\n".join(f"{label}: {value}" for label, value in facts if value)

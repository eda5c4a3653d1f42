"""The end of a set-up: what keeps it from being switched on, and switching it on."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.trail import NOBODY, Caller, Happening, acting_as, record
from mails.sending import queue_mail
from onboarding.contacts import addresses_of
from onboarding.invitations import close_case, locked_if_open
from onboarding.models import SetUpCase, SetUpLink, SetUpSession
from onboarding.progress import version_to_switch_on
from onboarding.sessions import is_still_open
from onboarding.steps import Step
from onboarding.versions import VersionError, needs_approval, prepared_version_of, switch_to
from partners.models import Partner, Status
from people.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What has to happen before a set-up can be switched on, and at which step."""

    sentence: str | Promise
    step: Step


class NotReadyError(Exception):
    """Something keeps the set-up from being switched on: ``obstacles`` says what."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        super().__init__("the set-up is not complete")
        self.obstacles = obstacles


class SetUpOverError(VersionError):
    """The set-up was closed meanwhile, its partner paused, or whoever is at work on it shut out."""


def obstacles_of(partner: Partner) -> list[Obstacle]:
    """Return what is seen without asking anybody; none: the connection is to be tried next."""
    found: list[Obstacle] = []
    version = version_to_switch_on(partner)
    if version is None or not version.issuer or not version.client_id:
        found.append(Obstacle(sentence=_("Connect your provider."), step=Step.CONNECT))
    if not partner.domains.filter(verified_at__isnull=False).exists():
        found.append(Obstacle(sentence=_("Have a domain verified."), step=Step.DOMAINS))
    if version is None or (not version.is_live and version.tested_at is None):
        sentence = _("Sign in as a test, with the settings as they are now.")
        found.append(Obstacle(sentence=sentence, step=Step.TEST))
    return found


def switch_on(
    case: SetUpCase,
    *,
    by: str,
    session: SetUpSession | None = None,
    approved_by: User | None = None,
    caller: Caller = NOBODY,
) -> None:
    """Put the prepared version in use, let a draft partner go live, and close the case.

    Whoever is at work on the set-up does it from their *session*. Raises ``NotReadyError``,
    ``SetUpOverError``, and ``VersionError`` as ``versions.switch_to`` does. Call it when the doctor
    has found nothing to be mended: that is not asked here, since it takes seconds.
    """
    with acting_as(by, caller=caller):
        # As it is now: while the provider was asked, we may have closed the set-up, or paused it.
        partner = _required_open(case, session).partner
        obstacles = obstacles_of(partner)
        if obstacles:
            raise NotReadyError(obstacles)
        prepared = prepared_version_of(partner)
        if prepared is not None:
            switch_to(prepared, by=by, approved_by=approved_by, caller=caller)
        if partner.status == Status.DRAFT:
            partner.status = Status.LIVE
            partner.save(update_fields=["status"])
        contacts = addresses_of(partner)
        case.switched_on_at = timezone.now()
        case.save(update_fields=["switched_on_at"])
        close_case(case, by=by, caller=caller, keep=_opened(case))
        context = {"partner": partner, "by": by}
        for contact in sorted(contacts):
            queue_mail("switched_on", to=contact, context=context, partner=partner.slug)


def ask_for_approval(case: SetUpCase, *, by: str, caller: Caller = NOBODY) -> None:
    """Tell the service owner that *by* waits for the switch to be approved; once for each case."""
    if case.approval_asked_at is not None:
        return
    with acting_as(by, caller=caller):
        case.approval_asked_at = timezone.now()
        case.save(update_fields=["approval_asked_at"])
        version = prepared_version_of(case.partner)
        fields = list(needs_approval(version)) if version else []
        happening = Happening(
            what="setup_case.approval_asked",
            partner=case.partner.slug,
            actor=by,
            detail={"settings": fields},
        )
        record(happening, caller=caller)
        context = {"partner": case.partner, "by": by, "settings": ", ".join(fields)}
        for address in owners_of(case):
            queue_mail(
                "approval_asked",
                to=address,
                context=context,
                language=settings.LANGUAGE_CODE,
                partner=case.partner.slug,
            )


def owners_of(case: SetUpCase) -> list[str]:
    """Return whom at the portal to tell of a case: support, and the staff who sent its links."""
    senders = case.links.values_list("sent_by", flat=True)
    staff = User.objects.filter(is_staff=True, is_active=True, email__in=senders)
    told = {settings.PORTAL_SUPPORT_EMAIL, *staff.values_list("email", flat=True)}
    return sorted(told - {""})


def is_to_be_approved(partner: Partner) -> bool:
    """Return whether the service owner has to approve a switch to what is prepared."""
    prepared = prepared_version_of(partner)
    return prepared is not None and bool(needs_approval(prepared))


def _required_open(case: SetUpCase, session: SetUpSession | None) -> SetUpCase:
    """Return the case as it is now, its row and its partner's locked; raises ``SetUpOverError``."""
    current = locked_if_open(case)
    has_left = session is not None and not is_still_open(session)
    if current is None or has_left or current.partner.status == Status.PAUSED:
        raise SetUpOverError(_("This set-up has ended, or its partner is paused."))
    return current


def _opened(case: SetUpCase) -> QuerySet[SetUpLink]:
    """Return the links whose browsers are to see the end of the set-up."""
    return case.links.filter(used_at__isnull=False, revoked_at=None)

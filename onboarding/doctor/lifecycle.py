"""What changes while a partner is live: OD-118, OD-701 to OD-705."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event
from federation.oidc.errors import Reason
from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import diagnostic
from onboarding.findings import Verdict, consider, needs_fixing, passed, waiting
from partners.client_keys import newest_key_at
from partners.models import Status

SECRET_SOON = timedelta(days=30)
"""How long before its end a secret is spoken of: some companies take weeks to give a new one."""

QUIET = timedelta(days=60)
"""After how long without a sign-in something may be wrong that nobody has told us."""

RECENT = timedelta(days=30)
"""How long a change of the provider's documents is spoken of."""

RUSH = timedelta(minutes=15)
RUSH_ATTEMPTS = 10
RUSH_SHARE = 0.2
"""A fifth of ten sign-ins in a quarter of an hour: that is no longer somebody's typing error."""

KEY_AGE = timedelta(days=365)
"""After how long a key of ours is to be replaced."""

_THE_PERSONS_OWN = (
    *(Reason.ATTEMPT_UNKNOWN, Reason.ATTEMPT_EXPIRED, Reason.ATTEMPT_OF_ANOTHER_PARTNER),
    *(Reason.AUTHORIZATION_DENIED, Reason.PERSON_INACTIVE, Reason.PARTNER_NOT_LIVE),
)
"""Reasons that say nothing of the connection."""


_ADDRESSES = ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"]
_OF_ADDRESSES = Q(what="provider.move_refused") | Q(
    what="provider.changed", detail__after__has_any_keys=_ADDRESSES
)
"""Changes after which somebody's secret or password may go elsewhere."""


@diagnostic("OD-118", gettext_lazy("Its documents, as they were"))
def unchanged_documents(case: Case) -> Verdict:
    """Look whether the provider's addresses have changed of late."""
    last = _recent(case).filter(_OF_ADDRESSES).order_by("-id").first()
    if last is None:
        return passed(_("The provider’s addresses are as they were."))
    shown = date_format(localtime(last.at), "DATE_FORMAT")
    signed_in = case.last_sign_in
    if signed_in is not None and signed_in > last.at:
        return passed(_("They changed on %s, and people have signed in since.") % shown)
    members = sorted(last.detail.get("after", {})) or last.detail.get("hosts", [])
    return consider(
        _("The provider’s addresses changed on %s.") % shown,
        _("Ask the company’s IT whether that is right, and sign in once."),
        for_partner=_("If that is right, sign in once. If not, tell us."),
        changed=members,
    )


@diagnostic("OD-701", gettext_lazy("A new secret in time"))
def secret_in_time(case: Case) -> Verdict:
    """Look how long the secret will be good."""
    if case.connection.is_keyed:
        return passed(_("There is no secret that could end."))
    ends = case.connection.client_secret_expires
    if ends is None:
        return consider(
            _("No end is known for the client secret."),
            _("Ask the partner, and enter it: after that day, nobody can sign in."),
            for_partner=_(
                "Enter the day in step 3, and we remind you: after it, nobody can sign in."
            ),
        )
    left = ends - timezone.localdate()
    shown = date_format(ends, "DATE_FORMAT")
    if left <= SECRET_SOON:
        return consider(
            _("The client secret ends on %s.") % shown,
            _("Ask the partner for a new one, enter it here with its end, and test."),
            for_partner=_("Make a new one, enter it in step 3 with its end, and test."),
            ends=str(ends),
        )
    return passed(_("The client secret is good for another %s days.") % left.days, ends=str(ends))


@diagnostic("OD-702", gettext_lazy("Sign-ins of late"))
def sign_ins_of_late(case: Case) -> Verdict:
    """Look whether anybody still comes."""
    if not _is_in_use(case):
        return waiting(_("Nobody can sign in by this connection yet."))
    since = timezone.now() - QUIET
    if _events(case).filter(what="login.succeeded", at__gt=since).exists():
        return passed(_("People sign in."))
    if case.connection.created_at > since:
        return passed(_("The connection is new."))
    return consider(
        _("Nobody has signed in for %s days.") % QUIET.days,
        _("Ask the company whether it still uses the portal, and whether sign-in works."),
        for_partner=_("If your people still use the portal, look whether sign-in works."),
    )


@diagnostic("OD-703", gettext_lazy("Refusals at the moment"))
def refusals_at_the_moment(case: Case) -> Verdict:
    """Look whether unusually many sign-ins fail just now, for reasons that are not the people's."""
    lately = _events(case).filter(at__gt=timezone.now() - RUSH)
    refused = lately.filter(what="login.refused").exclude(reason__in=_THE_PERSONS_OWN)
    failed, succeeded = refused.count(), lately.filter(what="login.succeeded").count()
    attempts = failed + succeeded
    if attempts >= RUSH_ATTEMPTS and failed > RUSH_SHARE * attempts:
        first = refused.first()
        return needs_fixing(
            _("%(failed)s of the last %(attempts)s sign-ins failed.")
            % {"failed": failed, "attempts": attempts},
            _("Look at what refused them, and test the connection."),
            is_guess=True,
            reason=first.reason if first else "",
        )
    return passed(_("No more sign-ins fail than usual."), attempts=attempts, failed=failed)


@diagnostic("OD-704", gettext_lazy("Its keys of late"))
def keys_of_late(case: Case) -> Verdict:
    """Say when the provider's keys were replaced: that is no fault, and good to know."""
    replaced = _recent(case).filter(what="provider.changed", detail__after__has_key="keys")
    last = replaced.order_by("-id").first()
    if last is None:
        return passed(_("The provider’s keys are as they were."))
    shown = date_format(localtime(last.at), "DATE_FORMAT")
    return passed(_("The provider replaced its keys on %s, and we follow.") % shown)


@diagnostic("OD-705", gettext_lazy("The age of our key"))
def age_of_our_key(case: Case) -> Verdict:
    """Look whether the key by which we prove who we are is to be replaced."""
    if not case.connection.is_keyed:
        return passed(_("We prove who we are by a secret."))
    made_at = newest_key_at(case.connection)
    if made_at is None:
        return passed(_("A key is made when the connection is saved."))
    if timezone.now() - made_at > KEY_AGE:
        return consider(
            _("Our key is older than a year."),
            _("Make a new one: a provider that reads our keys by their address follows by itself."),
        )
    return passed(_("Our key is younger than a year."))


DIAGNOSTICS = (
    unchanged_documents,
    secret_in_time,
    sign_ins_of_late,
    refusals_at_the_moment,
    keys_of_late,
    age_of_our_key,
)


def _events(case: Case) -> QuerySet[Event]:
    return Event.objects.filter(partner=case.partner.slug)


def _recent(case: Case) -> QuerySet[Event]:
    return _events(case).filter(at__gt=timezone.now() - RECENT)


def _is_in_use(case: Case) -> bool:
    return case.connection.is_live and case.partner.status == Status.LIVE

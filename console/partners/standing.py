"""How a partner stands, from what is stored: nobody is asked, and nothing is tried, for a list."""

from datetime import timedelta

from django.conf import settings
from django.db.models import (
    Exists,
    F,
    FilteredRelation,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from audit.models import Event
from console.partners.activity import REFUSED, SUCCEEDED
from federation.oidc.errors import Reason
from onboarding.models import Examination, SetUpCase
from partners.models import AuthMethod, Partner, Status
from partners.tested import settings_digest

SOON = timedelta(days=30)
"""A secret that ends within this time is marked."""

BROKEN_FOR_ALL = [Reason.CLIENT_REJECTED, Reason.PROVIDER_MISCONFIGURED]
"""Reasons for which everybody of a partner is refused, until somebody mends it."""


class FirstFault(Func):
    """The first finding of an examination that keeps people out, in the active language."""

    function = "jsonb_path_query_first"
    output_field = JSONField()

    def __init__(self) -> None:
        language = get_language() or settings.LANGUAGE_CODE
        path = f'$."{language}"[*] ? (@.outcome == "needs_fixing" && !(@.is_guess == true))'
        super().__init__(F("findings"), Func(Value(path), template="%(expressions)s::jsonpath"))


def with_standing(partners: QuerySet[Partner]) -> QuerySet[Partner]:
    """Return *partners* with what ``needs_attention`` and ``concerns_of`` look at."""
    logins = Event.objects.filter(partner=OuterRef("slug")).order_by("-at").values("at")
    examined = Examination.objects.filter(
        connection__partner=OuterRef("pk"), connection__is_live=True
    ).order_by("-id")
    open_cases = SetUpCase.objects.filter(partner=OuterRef("pk"), closed_at=None)
    # By name: mypy's plugin knows the model's own relations only.
    live = FilteredRelation("connections", condition=Q(connections__is_live=True))
    annotations = {
        "live_connection": live,
        "last_sign_in": Subquery(logins.filter(what=SUCCEEDED)[:1]),
        "last_broken": Subquery(logins.filter(what=REFUSED, reason__in=BROKEN_FOR_ALL)[:1]),
        "examined_at": Subquery(examined.values("at")[:1]),
        "fault_digest": Subquery(examined.values("settings_digest")[:1]),
        "fault": Subquery(examined.annotate(first=FirstFault()).values("first")[:1]),
        "is_set_up": Exists(open_cases),
        "waits_for_us": Exists(open_cases.filter(approval_asked_at__isnull=False)),
    }
    return partners.annotate(**annotations)


def has_problem() -> Q:
    """Return what is true of partners whose people are kept out, as far as is known here."""
    is_broken = Q(last_broken__isnull=False) & (
        Q(last_sign_in=None) | Q(last_broken__gt=F("last_sign_in"))
    )
    return Q(status=Status.LIVE) & (Q(fault__isnull=False) | is_broken)


def secret_ends(*, soon: bool) -> Q:
    """Return what is true of partners whose secret ends *soon*, or has ended."""
    today = timezone.localdate()
    live = "live_connection"
    ends = f"{live}__client_secret_expires"
    span = {f"{ends}__range": (today, today + SOON)} if soon else {f"{ends}__lt": today}
    # As ``Connection.is_keyed`` has it.
    is_keyed = Q(
        (f"{live}__token_endpoint_auth_method", AuthMethod.CHOSEN),
        (f"{live}__client_secret_sealed", ""),
        (f"{live}__client_keys_changed_at__isnull", False),
    )
    return Q(**span) & ~(is_keyed | Q((f"{live}__token_endpoint_auth_method", AuthMethod.KEY)))


def needs_attention() -> Q:
    """Return what is true of partners that the service owner should look at."""
    has_secret = Q(status__in=[Status.LIVE, Status.PAUSED])
    ends = has_secret & (secret_ends(soon=True) | secret_ends(soon=False))
    is_overdue = Q(status=Status.PAUSED, paused_until__lt=timezone.localdate())
    return has_problem() | ends | is_overdue | Q(waits_for_us=True)


def concerns_of(partner: Partner) -> list[str]:
    """Return in words why a partner from ``with_standing`` needs attention, the worst first."""
    concerns = []
    problem = problem_of(partner)
    if problem:
        concerns.append(
            _("%s (with former settings)") % problem if _is_former(partner) else problem
        )
    if partner.status != Status.DRAFT and (ends := secret_end_of(partner)):
        concerns.append(ends)
    until = partner.paused_until if partner.status == Status.PAUSED else None
    if until and until < timezone.localdate():
        concerns.append(_("Its pause was to end on %s") % date_format(until, "SHORT_DATE_FORMAT"))
    if getattr(partner, "waits_for_us", False):
        concerns.append(_("Waits for our approval"))
    return concerns


def problem_of(partner: Partner, *, in_a_word: bool = False) -> str:
    """Return what keeps the people of a live partner out, empty where nothing is known to.

    *in_a_word* names what it is about, where there is no room for a sentence.
    """
    if partner.status != Status.LIVE:
        return ""
    fault = getattr(partner, "fault", None)
    if fault:
        return str(fault.get("about" if in_a_word else "statement") or fault.get("code"))
    broken, arrived = getattr(partner, "last_broken", None), getattr(partner, "last_sign_in", None)
    if broken and (arrived is None or broken > arrived):
        return _("Everybody is refused")
    return ""


def days_of_secret(partner: Partner) -> int | None:
    """Return in how many days the secret in use ends, below 0 where it has; ``None``: it does not.

    Where a key of ours has replaced it, its end is no matter.
    """
    connection = partner.live_connection
    if connection is None or connection.is_keyed or connection.client_secret_expires is None:
        return None
    return (connection.client_secret_expires - timezone.localdate()).days


def secret_end_of(partner: Partner) -> str:
    """Return that the secret has ended, or in how many days it will, if that is soon."""
    days = days_of_secret(partner)
    if days is None or days > SOON.days:
        return ""
    if days < 0:
        return _("Its secret has ended")
    if not days:
        return _("Its secret ends today")
    return ngettext("Its secret ends in %d day", "Its secret ends in %d days", days) % days


def _is_former(partner: Partner) -> bool:
    """Return whether a fault was found with other settings than are in use: nobody asked since."""
    connection = partner.live_connection
    digest = getattr(partner, "fault_digest", None)
    is_fault = bool(getattr(partner, "fault", None))
    return is_fault and connection is not None and digest != settings_digest(connection)

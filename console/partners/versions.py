"""The versions of a partner's connection: what is prepared is approved here, and taken back."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.admin.utils import label_for_field
from django.contrib.messages import ERROR, SUCCESS, WARNING
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.trail import acting_as
from console.acting import staff_of
from console.pages import Pages, Question, back, found
from console.partners.connection_form import ConnectionForm
from federation.callers import caller_of
from federation.drift import hosts_of
from federation.last_good import last_good
from onboarding.models import SetUpCase
from onboarding.switching_on import NotReadyError, switch_on
from onboarding.versions import (
    HOSTS,
    VersionError,
    discard_draft_of,
    former_version_of,
    needs_approval,
    prepared_version_of,
    return_to_former,
    switch_to,
)
from partners.models import Connection, Partner
from partners.tested import settings_digest
from people.models import FederatedLogin

COMPARED = (
    *("provider", "issuer", "client_id", "client_secret_set_at", "client_secret_expires"),
    *("token_endpoint_auth_method", "scopes", "email_claim", "require_email_verified"),
    *("pinned_claims", "max_age", "acr_values", "required_amr", "id_token_algs"),
    "needs_id_token_hint",
)
"""What is shown of two versions that differ in it; never the secret itself."""

_CHANGED = gettext_lazy("It has been changed meanwhile: look at it again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A setting in which a version differs from the live one."""

    name: str
    now: object
    then: object
    is_ours_to_approve: bool


class VersionPages(Pages):
    """The page of a connection's versions, and those of its buttons."""

    def versions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what is prepared, what differs, and what can be returned to."""
        partner = _partner(request, pk, permission="partners.view_partner")
        live = partner.connections.filter(is_live=True).first()
        prepared, former = prepared_version_of(partner), former_version_of(partner)
        context = {
            "title": _("Versions of the connection"),
            "live": live,
            "prepared": prepared,
            "seen": settings_digest(prepared) if prepared else "",
            "former": former,
            "of_prepared": _differences(live, prepared),
            "of_former": _differences(live, former),
        }
        return self.response(request, partner, "console/versions.html", context)

    def switch(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then put the prepared version in use, as approved by whoever answers."""
        partner = _partner(request, pk, permission="partners.change_partner")
        prepared = prepared_version_of(partner)
        if prepared is None or prepared.tested_at is None:
            lacks = _("There is no version that a test sign-in has passed with.")
            return back(request, partner, lacks, level=WARNING)
        seen = request.GET.get("settings", "")
        if request.method != "POST":
            if seen != settings_digest(prepared):
                return back(request, partner, str(_CHANGED), level=WARNING)
            question = Question(
                title=_("Approve and switch"),
                explanation=_what_follows(prepared),
                submit=_("Approve and switch"),
            )
            return self.ask(request, partner, question)
        done = _("The new version is in use. The former one can be returned to for 30 days.")
        return _tried(request, partner, lambda: _switch(request, prepared, seen=seen), done)

    def return_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put the former version in use again, by one click."""
        partner = _partner(request, pk, permission="partners.change_partner")
        if request.method != "POST":
            former = former_version_of(partner)
            if former is None:
                lacks = _("There is no former version to return to any more.")
                return back(request, partner, lacks, level=WARNING)
            question = Question(
                title=_("Return to the former version"),
                explanation=_what_follows(former),
                submit=_("Return to it"),
            )
            return self.ask(request, partner, question)
        done = _("The former version is in use again.")
        return _tried(request, partner, lambda: _return(request, partner), done)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then forget the version that is being prepared."""
        partner = _partner(request, pk, permission="partners.change_partner")
        if prepared_version_of(partner) is None:
            return back(request, partner, _("Nothing is being prepared."), level=WARNING)
        if request.method != "POST":
            question = Question(
                title=_("Discard what is prepared"),
                explanation=_("The company’s IT begins anew. What is in use stays in use."),
                submit=_("Discard"),
            )
            return self.ask(request, partner, question)
        with acting_as(staff_of(request).email, caller=caller_of(request)):
            discard_draft_of(partner)
        return back(request, partner, _("Nothing is being prepared any more."), level=SUCCESS)


def _return(request: HttpRequest, partner: Partner) -> None:
    staff = staff_of(request)
    return_to_former(partner, by=staff.email, approved_by=staff, caller=caller_of(request))


def _switch(request: HttpRequest, prepared: Connection, *, seen: str) -> None:
    """Put *prepared* in use if its settings are those that were *seen*; else ``VersionError``."""
    staff, caller = staff_of(request), caller_of(request)
    with acting_as(staff.email, caller=caller):
        Partner.objects.select_for_update(no_key=True).get(pk=prepared.partner_id)
        # The partner may have pointed it elsewhere since the page was made, and tested that.
        stored = Connection.objects.select_for_update(no_key=True).filter(pk=prepared.pk).first()
        if stored is None or settings_digest(stored) != seen:
            raise VersionError(_CHANGED)
        case = SetUpCase.objects.filter(partner=prepared.partner_id, closed_at=None).first()
        if case is None:
            switch_to(prepared, by=staff.email, approved_by=staff, caller=caller)
        else:
            # Whoever is at work on it is told, and there is nothing left to do there.
            switch_on(case, by=staff.email, approved_by=staff, caller=caller)


def _tried(
    request: HttpRequest, partner: Partner, carry_out: Callable[[], None], done: str
) -> HttpResponse:
    try:
        carry_out()
    except NotReadyError as error:
        missing = " ".join(str(one.sentence) for one in error.obstacles)
        return back(request, partner, missing, level=ERROR)
    except VersionError as error:
        return back(request, partner, str(error), level=ERROR)
    return back(request, partner, done, level=SUCCESS)


def _differences(live: Connection | None, version: Connection | None) -> list[Difference]:
    if live is None or version is None:
        return []
    ours = needs_approval(version)
    settings = [
        Difference(
            name=_label_of(name),
            now=_shown(getattr(live, name)),
            then=_shown(getattr(version, name)),
            is_ours_to_approve=name in ours,
        )
        for name in COMPARED
        if getattr(live, name) != getattr(version, name)
    ]
    return [*settings, *_moved(live, version)] if HOSTS in ours else settings


def _moved(live: Connection, version: Connection) -> list[Difference]:
    """Return the hosts of both, where nobody has accepted those of *version*."""
    known = last_good(live), last_good(version)
    now, then = (sorted(hosts_of(one.metadata)) if one else [] for one in known)
    return [
        Difference(
            name=_("Hosts of its endpoints"),
            now=_shown(now),
            then=_shown(then),
            is_ours_to_approve=True,
        )
    ]


def _label_of(name: str) -> str:
    known = ConnectionForm.Meta.labels.get(name)
    return capfirst(str(known or label_for_field(name, Connection)))


def _shown(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _what_follows(version: Connection) -> str:
    """Return what becomes of the partner's people when *version* is put in use."""
    live = version.partner.connections.filter(is_live=True).first()
    told = _("From now on the company’s people sign in with this version.")
    if live is None or (live.issuer, live.client_id) == (version.issuer, version.client_id):
        return " ".join([told, _("They remain who they are.")])
    people = FederatedLogin.objects.filter(connection=live).values("user").distinct().count()
    unknown = _(
        "The issuer or the client ID is another one, so the provider may know people by other "
        "names. Each of those known now (%(people)d) is then refused once, until you re-link them "
        "in the trail. Ask the company’s IT whether that is what they want."
    )
    return " ".join([told, unknown % {"people": people}])


def _partner(request: HttpRequest, pk: int, *, permission: str) -> Partner:
    return found(request, Partner.objects.all(), pk, permission=permission)

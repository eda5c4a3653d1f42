"""*Test connection*: what the doctor finds, kept and shown, and a sign-in that lets nobody in."""

from django.contrib.messages import WARNING
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from console.acting import staff_of
from console.pages import Pages, back, found
from federation.trials import start_trial
from onboarding.doctor import Outcome, without_connection
from onboarding.doctor.groups import counted, groups_of
from onboarding.examinations import examine, last_examination_of
from onboarding.findings import Finding
from onboarding.models import Examination
from onboarding.versions import prepared_version_of
from partners.models import Connection, Partner


class TestPages(Pages):
    """The pages of the button: for the connection in use, or for the version being prepared."""

    def examine(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try the partner's connection, and show what was found."""
        partner = found(request, Partner.objects.all(), pk, permission="partners.view_partner")
        connection = _tested(request, partner)
        if connection is None:
            return self._page(request, partner, None, None)
        probes = "probes" in request.POST
        examination = examine(connection, by=staff_of(request).email, probes=probes)
        return self._page(request, partner, connection, examination)

    def findings(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what was found the last time; asks nobody."""
        partner = found(request, Partner.objects.all(), pk, permission="partners.view_partner")
        connection = _tested(request, partner)
        last = last_examination_of(connection) if connection else None
        return self._page(request, partner, connection, last)

    def sign_in(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Take this browser to the provider, to sign in as a test."""
        partner = found(request, Partner.objects.all(), pk, permission="partners.change_partner")
        connection = _tested(request, partner)
        if connection is None:
            return back(request, partner, _("There is no connection to test."), level=WARNING)
        address = reverse("admin:partners_partner_findings", args=[partner.pk])
        return_to = address if connection.is_live else f"{address}?version=prepared"
        return start_trial(request, connection, by=staff_of(request).email, return_to=return_to)

    def _page(
        self,
        request: HttpRequest,
        partner: Partner,
        connection: Connection | None,
        examination: Examination | None,
    ) -> HttpResponse:
        findings = examination.shown if examination else []
        if connection is None:
            findings = [without_connection()]
        context = {
            "title": _("Test connection"),
            "connection": connection,
            "is_prepared": connection is not None and not connection.is_live,
            "prepared": prepared_version_of(partner),
            "examination": examination,
            "groups": groups_of(findings),
            "counts": counted(findings),
            "faults": sum(finding.outcome is Outcome.NEEDS_FIXING for finding in findings),
            "is_told": all(map(_is_told, findings)),
        }
        return self.response(request, partner, "console/findings.html", context)


def _is_told(finding: Finding) -> bool:
    return finding.outcome is not Outcome.COULD_NOT_TELL


def _tested(request: HttpRequest, partner: Partner) -> Connection | None:
    """Return which version is meant: the live one, unless the other is asked for or alone."""
    wanted = request.POST.get("version") or request.GET.get("version")
    prepared = prepared_version_of(partner)
    if wanted == "prepared" and prepared is not None:
        return prepared
    return partner.connections.filter(is_live=True).first() or prepared

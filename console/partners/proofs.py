"""How it is known that a domain is a partner's: in the table of domains, and on a page."""

from django.contrib.messages import INFO, SUCCESS
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from console.acting import staff_of
from console.pages import Pages, back, found
from federation.callers import caller_of
from onboarding.domains import domain_states, look_now, state_of
from onboarding.domains.proof import State
from partners.addresses import readable_domain
from partners.look_alike import look_alike_of
from partners.models import EmailDomain, Partner


class ProofPages(Pages):
    """The page of the records that prove a partner's domains."""

    def domains(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what has to be in the DNS and what is; look there now, when asked to."""
        partner = found(request, Partner.objects.all(), pk, permission="partners.view_partner")
        if request.method == "POST":
            return self._look(request, partner)
        context = {"title": _("Domains"), "states": domain_states(partner)}
        return self.response(request, partner, "console/domains.html", context)

    def _look(self, request: HttpRequest, partner: Partner) -> HttpResponse:
        typed = request.POST.get("domain", "")
        pk = int(typed) if typed.isdecimal() else 0
        domain = found(request, partner.domains.all(), pk, permission="partners.change_partner")
        by = staff_of(request).email
        state = look_now(domain, by=by, caller=caller_of(request))
        level = SUCCESS if state.state is State.PROVED else INFO
        message = f"{domain}: {state.seen.sentence}"
        return back(request, partner, message, level=level)


def shown_proof(domain: EmailDomain) -> str:
    """Return how the domain is known to be the partner's, for the table on the partner's page."""
    state = state_of(domain)
    words = [str(state.state.label)]
    if domain.verified_at is not None:
        how = domain.get_verified_how_display()
        words = [f"{how}, {date_format(localtime(domain.verified_at))}"]
        words += [str(state.state.label)] if state.state is State.LAPSING else []
    shown = format_html("{}", " · ".join(words))
    if readable_domain(domain.name) != domain.name:
        shown = format_html("{} · {}", readable_domain(domain.name), shown)
    if state.record is not None:
        address = reverse("admin:partners_partner_domains", args=[domain.partner_id])
        shown = format_html('{} · <a href="{}">{}</a>', shown, address, _("DNS record"))
    # Of one that we have confirmed, somebody has looked at the name.
    twin = None if state.state is State.CONFIRMED else look_alike_of(domain)
    if twin is not None:
        warning = _("Reads like %(domain)s of %(partner)s.")
        told = warning % {"domain": readable_domain(twin.name), "partner": twin.partner}
        shown = format_html("{}<br><strong>{}</strong>", shown, told)
    return shown

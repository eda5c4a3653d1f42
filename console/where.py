"""Where would this address go? The sign-in page's own answer, without signing in."""

from dataclasses import dataclass

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.acting import staff_of
from federation import links
from federation.forms import SignInForm
from federation.starts import Wish, example_url
from partners.addresses import domain_of
from partners.home_realm import deciding_domain, near_miss, partner_of_email
from partners.models import Connection, EmailDomain, Partner, Status, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an address goes: whose it is, by which rule, and what the person gets to see.

    *is_on_the_way* tells that the person is taken to the company's provider, then by an address
    such as *authorization_url*, which is empty where nothing is known of the provider yet.
    *stranger* is what somebody sees whose address nobody here has.
    """

    email: str = ""
    rule: EmailDomain | None = None
    partner: Partner | None = None
    connection: Connection | None = None
    answer: str
    stranger: str = ""
    authorization_url: str = ""
    is_on_the_way: bool = False


class AddressForm(forms.Form):
    """An address, as somebody might type it."""

    email = forms.CharField(
        label=gettext_lazy("Email address"),
        max_length=1024,
        widget=forms.TextInput(
            attrs={
                "class": "vTextField",
                "autocomplete": "off",
                "inputmode": "email",
                "spellcheck": "false",
            }
        ),
    )


class WhereTo:
    """The tool's page; *site* is the admin site whose frame it has."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def page(self, request: HttpRequest) -> HttpResponse:
        """Ask for an address, and say where it goes; by POST, so that it is in no log."""
        if not staff_of(request).has_perm("partners.view_partner"):
            raise PermissionDenied
        form = AddressForm(request.POST if request.method == "POST" else None)
        context = {
            **self.site.each_context(request),
            "title": _("Where would this address go?"),
            "form": form,
            "destination": destination_of(form.cleaned_data["email"]) if form.is_valid() else None,
        }
        return TemplateResponse(request, "console/where.html", context)


def destination_of(typed: str) -> Destination:
    """Return where somebody goes who types this into the sign-in page."""
    form = SignInForm({"email": typed})
    if not form.is_valid():
        return Destination(answer=" ".join(map(str, form.errors["email"])))
    email: str = form.cleaned_data["email"]
    partner = partner_of_email(email)
    if partner is None:
        return Destination(email=email, answer=_unknown(email))
    connection = partner.live_connection
    is_live = partner.status == Status.LIVE
    is_visible = partner.visibility != Visibility.HIDDEN
    is_on_the_way = is_live and is_visible and connection is not None
    wish = Wish(login_hint=email)
    return Destination(
        email=email,
        rule=deciding_domain(domain_of(email)),
        partner=partner,
        connection=connection,
        answer=_answer(partner, connection, email=email),
        stranger=_stranger(),
        authorization_url=example_url(connection, wish) if connection else "",
        is_on_the_way=is_on_the_way,
    )


def _answer(partner: Partner, connection: Connection | None, *, email: str) -> str:
    if partner.visibility == Visibility.HIDDEN:
        return _("The partner is hidden, so the answer is the one for unknown domains. %s") % (
            _unknown(email)
        )
    if partner.status == Status.PAUSED:
        return _("The sign-in page, with “Sign-in for %s is paused”.") % partner
    if partner.status == Status.DRAFT or connection is None:
        return _("The partner isn’t live, so the answer is the one for unknown domains. %s") % (
            _unknown(email)
        )
    return _("“Taking you to %s…”, and on to its provider.") % partner


def _unknown(email: str) -> str:
    suggestion = near_miss(domain_of(email))
    if suggestion:
        return _("%(page)s, and the suggestion %(domain)s.") % {
            "page": _unknown_page(),
            "domain": suggestion,
        }
    return f"{_unknown_page()}."


def _stranger() -> str:
    if links.are_sent():
        return _("“Check your email”: a link is mailed to people of hidden partners, nobody else.")
    return f"{_unknown_page()}."


def _unknown_page() -> str:
    # Where there are hidden partners, everybody is told the same.
    if links.are_sent():
        return _("“Check your email”")
    return _("“We couldn’t find a company for this email”")

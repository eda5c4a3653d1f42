"""Into the admin through the owner's own company: the button, and the superuser's mark."""

from typing import Any

from django import forms
from django.contrib import auth
from django.contrib.admin import AdminSite
from django.contrib.messages import SUCCESS, WARNING
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.acting import acting, staff_of
from console.pages import Pages, Question, back, found
from federation.registration import live_connection_of
from federation.starts import Wish, is_navigation
from federation.views.begin import begun
from partners.models import Partner, Status
from people.models import User
from people.own_company import is_own_company, mark_own_company, own_company, unmark_own_company


class PasswordForm(forms.Form):
    """The password of whoever is about to open a door, once more.

    A session that somebody left open, or stole, must not be enough for that.
    """

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "class": "vTextField"}
        ),
    )

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.POST if request.method == "POST" else None)
        self.request = request

    def clean_password(self) -> str:
        """Return the password if it is right; a wrong one counts as a guess."""
        typed: str = self.cleaned_data["password"]
        staff = staff_of(self.request)
        known = auth.authenticate(self.request, username=staff.email, password=typed)
        if known != staff:
            raise forms.ValidationError(_("That is not your password."))
        return typed


class Entrance:
    """The way in without a password; *site* is the admin site that it leads to."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def begin(self, request: HttpRequest) -> HttpResponseBase:
        """Send the browser to the own company's provider; raises ``Http404`` without one."""
        company = open_company()
        connection = company and live_connection_of(company.slug)
        if not connection:
            raise Http404
        if not is_navigation(request):
            return HttpResponse(status=204)
        return_to = _inside(request, self.site)
        return begun(request, connection, Wish(return_to=return_to, remember=False, for_staff=True))


class OwnCompanyPages(Pages):
    """The page of a partner on which it is marked as the owner's own company, or no more."""

    def mark(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask a superuser for the password, then let staff come in through this partner."""
        partner = found(request, Partner.objects.all(), pk, permission="partners.change_partner")
        if not staff_of(request).is_superuser:
            raise PermissionDenied
        is_marked = is_own_company(partner)
        if not is_marked and partner.status != Status.LIVE:
            told = _("Only a live partner can be the way in for members of staff.")
            return back(request, partner, told, level=WARNING)
        form = PasswordForm(request)
        if not form.is_valid():
            question = _unmark_question(partner) if is_marked else _mark_question(partner)
            return self.ask(request, partner, Question(**question, form=form))
        with acting(request):
            if is_marked:
                unmark_own_company()
            else:
                mark_own_company(partner)
        told = _("Staff comes in by password alone.") if is_marked else _mark_done(partner)
        return back(request, partner, told, level=SUCCESS)


def open_company() -> Partner | None:
    """Return the company through which staff may come in now, or ``None``."""
    company = own_company()
    return company if company is not None and company.status == Status.LIVE else None


def _inside(request: HttpRequest, site: AdminSite) -> str:
    index = reverse("admin:index", current_app=site.name)
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=True)
    return wanted if is_ours and wanted.startswith(index) and len(wanted) <= 256 else index  # noqa: PLR2004 -- as of other sign-ins


def _mark_question(partner: Partner) -> dict[str, Any]:
    explanation = _(
        "Members of staff whom a superuser links to their account at %(partner)s can come in "
        "through %(partner)s’s provider, with the second factor that it asks for. It makes nobody "
        "a member of staff. Passwords stay, for the day when that fails. Whichever partner is "
        "marked now is no more."
    )
    return {
        "title": _("Our own company"),
        "explanation": explanation % {"partner": partner},
        "submit": _("This is our own company"),
    }


def _unmark_question(partner: Partner) -> dict[str, Any]:
    linked = User.objects.filter(staff_logins__partner=partner).order_by("email")
    explanation = _(
        "Members of staff come in by password alone, and those who came through %(partner)s are "
        "signed out. Linked are: %(people)s."
    )
    people = ", ".join(user.email for user in linked) or _("nobody")
    return {
        "title": _("No longer our own company"),
        "explanation": explanation % {"partner": partner, "people": people},
        "submit": _("Staff comes in by password alone"),
    }


def _mark_done(partner: Partner) -> str:
    told = _(
        "Staff can come in through %s. Now have each try it once, and link the account from the "
        "entry that it leaves in the trail."
    )
    return told % partner

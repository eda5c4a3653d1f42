"""The sign-in page: an address field and the company logos."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.generic import View

from federation import attempts, endings, limits, links, remembered
from federation.forms import SignInForm
from federation.oidc.errors import FederationError
from federation.refusals import Refusal, refuse
from federation.registration import live_connection_of
from federation.return_to import HOME, safe_return_to
from federation.sessions import signed_in_session
from federation.starts import Wish, is_navigation, start_attempt
from federation.templatetags.pages import link
from partners.addresses import AddressError, normalised_domain, readable_domain
from partners.directory import DirectoryPage, directory_page
from partners.home_realm import near_miss, partner_of_email, partner_of_slug
from partners.models import Partner, Status, Visibility


class SignIn(View):
    """``GET /login/`` shows the page, ``POST /login/`` finds the company of an address."""

    http_method_names = ("get", "head", "post", "options")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Return the page, or send on whoever is signed in or knows the company."""
        return_to = safe_return_to(request.GET.get("next"))
        if signed_in_session(request):
            return HttpResponseRedirect(return_to)
        if _guesses(request):
            return limits.too_many(request, limits.FORM)
        slug = _wanted_slug(request)
        if slug:
            return _sent_on(request, slug, return_to)
        hint = request.GET.get("login_hint") or request.GET.get("email") or ""
        form = SignInForm(initial={"email": hint, "remember": remembered.is_usual(request)})
        response = page(request, form=form, return_to=return_to, paused=_paused_company(request))
        remembered.note_shared(request, response)
        endings.forget(request, response)
        return response

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Return the way to the company of the address, or the page with what is wrong."""
        if limits.has_to_wait(request, limits.FORM):
            return limits.too_many(request, limits.FORM)
        form = SignInForm(request.POST)
        return_to = safe_return_to(request.POST.get("next"))
        if not form.is_valid():
            return page(request, form=form, return_to=return_to)
        email: str = form.cleaned_data["email"]
        partner = partner_of_email(email)
        if partner is None or not _may_be_found(partner):
            limits.count_failure(request, limits.FORM)
            return _not_found(request, form, return_to)
        if partner.status == Status.PAUSED:
            return page(request, form=form, return_to=return_to, paused=partner)
        wish = Wish(return_to=return_to, login_hint=email, remember=form.cleaned_data["remember"])
        return taking_you(request, partner, wish)


class Forget(View):
    """``POST /login/forget/`` forgets a remembered company, or all of them."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Return to the page the person came from, without the company."""
        return_to = safe_return_to(request.POST.get("next"))
        at_home = signed_in_session(request) is not None
        place = (
            return_to if at_home else link("sign_in", next=return_to if return_to != HOME else "")
        )
        response = HttpResponseRedirect(place, status=303)
        remembered.forget(request.POST.get("partner", ""), request=request, response=response)
        return response


def page(
    request: HttpRequest,
    *,
    form: SignInForm,
    return_to: str,
    unknown: dict[str, Any] | None = None,
    mailed: dict[str, Any] | None = None,
    paused: Partner | None = None,
) -> HttpResponseBase:
    """Return the sign-in page with *form* as it was typed."""
    wanted = "" if return_to == HOME else return_to
    said = {"unknown": unknown, "mailed": mailed, "paused": paused}
    context = {"form": form, "return_to": wanted, **said, **_beside(request, wanted)}
    return render(request, "federation/sign_in.html", context)


def _beside(request: HttpRequest, wanted: str) -> dict[str, Any]:
    """Return what the page shows beside the form: this browser's past, and the directory."""
    return {
        "remembered": remembered.remembered(request),
        "directory": _directory(request, wanted),
        "stalled": _stalled(request),
        "has_ended": endings.ending(request) is not None,
    }


def _directory(request: HttpRequest, wanted: str) -> DirectoryPage | None:
    asked = (request.GET.get(name, "") for name in ("q", "letter", "page"))
    return directory_page(*asked, return_to=wanted)


def _paused_company(request: HttpRequest) -> Partner | None:
    """Return the company that the person here comes from, if sign-in is paused for it."""
    over = endings.ending(request)
    return (over and over.paused) or remembered.paused_company(request)


def _sent_on(request: HttpRequest, slug: str, return_to: str) -> HttpResponseBase:
    """Return the way to the company that the address of the page names."""
    wanted = {
        "next": "" if return_to == HOME else return_to,
        "login_hint": request.GET.get("login_hint", ""),
        "remember": "" if remembered.is_wished(request) else "no",
    }
    response = HttpResponseRedirect(link("begin", slug, **wanted))
    remembered.note_shared(request, response)
    return response


def _guesses(request: HttpRequest) -> bool:
    """Return whether this address has tried too many domains to be told of another one."""
    return "domain_hint" in request.GET and limits.has_to_wait(request, limits.FORM)


def _wanted_slug(request: HttpRequest) -> str:
    """Return the slug of the partner that the address of the page names, if there is one."""
    slug = request.GET.get("partner", "")
    if slug:
        named = partner_of_slug(slug)
        return slug if named is not None and named.status != Status.DRAFT else ""
    try:
        domain = normalised_domain(request.GET.get("domain_hint", ""))
    except AddressError:
        return ""
    partner = partner_of_email(f"x@{domain}")
    if partner is None or not _may_be_found(partner):
        limits.count_failure(request, limits.FORM)
        return ""
    return partner.slug


def _may_be_found(partner: Partner) -> bool:
    # A hidden partner's domain gets the unknown domain's answer, to the byte.
    return partner.status != Status.DRAFT and partner.visibility != Visibility.HIDDEN


def _not_found(request: HttpRequest, form: SignInForm, return_to: str) -> HttpResponseBase:
    """Return what is said of an address that no company has openly, hidden ones included."""
    email: str = form.cleaned_data["email"]
    if not links.are_sent():
        return page(request, form=form, return_to=return_to, unknown=_unknown(email))
    response = page(request, form=form, return_to=return_to, mailed=_unknown(email))
    remember: bool = form.cleaned_data["remember"]
    links.ask(request, response, email=email, return_to=return_to, remember=remember)
    return response


def _unknown(email: str) -> dict[str, Any]:
    local, _at, domain = email.rpartition("@")
    suggestion = near_miss(domain)
    return {
        "email": email,
        "domain": readable_domain(domain),
        "suggestion": readable_domain(suggestion) if suggestion else None,
        "suggested_email": f"{local}@{suggestion}" if suggestion else "",
    }


def _stalled(request: HttpRequest) -> dict[str, Any] | None:
    """Return the latest attempt of this browser that has not come back."""
    latest = max(
        (one for one in attempts.outstanding(request) if not one.trial and not one.for_staff),
        key=lambda attempt: attempt.started_at,
        default=None,
    )
    if latest is None:
        return None
    partner = Partner.objects.filter(slug=latest.partner, status=Status.LIVE).first()
    if partner is None:
        return None
    return {
        "partner": partner,
        "email": latest.login_hint,
        "started_at": latest.started_at,
        "reference": latest.reference,
    }


def taking_you(request: HttpRequest, partner: Partner, wish: Wish) -> HttpResponseBase:
    """Start a sign-in there, and return the page that leads on to it; or refuse."""
    connection = live_connection_of(partner.slug)
    if connection is None:
        unknown = _unknown(wish.login_hint)
        form = SignInForm(request.POST)
        return page(request, form=form, return_to=wish.return_to, unknown=unknown)
    try:
        attempt, url = start_attempt(connection, wish)
    except FederationError as error:
        return refuse(request, Refusal(error=error, partner=partner))
    context = {"partner": partner, "authorization_url": url}
    response = render(request, "federation/taking_you.html", context)
    # Not a redirect: form-action 'self' stops one that answers a form (CSP 3, section 6.4.1.1).
    response.headers["Refresh"] = f"0;url={url}"
    if is_navigation(request):
        attempts.remember(attempt, request=request, response=response)
    return response

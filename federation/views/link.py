"""A mailed link: what it shows, and where its one button leads."""

from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.generic import View

from audit.trail import Happening, record
from federation import links
from federation.callers import caller_of
from federation.starts import Wish
from federation.views.sign_in import taking_you


class MailedLink(View):
    """``GET /login/link/<token>/`` shows one button, ``POST`` uses the link up.

    Scanners of mails open every link that they see, so that opening it may do nothing.
    """

    http_method_names = ("get", "head", "post", "options")

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """Return the page with the button."""
        link = links.of_token(request, token)
        if link is None:
            return _over(request)
        return _unreferred(render(request, "federation/link.html", {"partner": link.partner}))

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """Return the way to the company's sign-in page."""
        link = links.take(request, token)
        if link is None:
            return _over(request)
        used = Happening(what="link.used", partner=link.partner.slug, email=link.email)
        record(used, caller=caller_of(request))
        wish = Wish(return_to=link.return_to, login_hint=link.email, remember=link.remember)
        return _unreferred(taking_you(request, link.partner, wish))


def _over(request: HttpRequest) -> HttpResponseBase:
    # One page for all that can be: what is not this browser's must not be told from what is not.
    page = render(request, "federation/link_over.html", status=HTTPStatus.NOT_FOUND)
    return _unreferred(page)


def _unreferred(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["Referrer-Policy"] = "no-referrer"
    return response

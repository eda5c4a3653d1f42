"""What every request passes through: whose address counts, which host, which headers."""

import ipaddress
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

NextStep = Callable[[HttpRequest], HttpResponseBase]

FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)
"""Headers by which a proxy speaks for a browser, and a browser would like to."""


class TrustedProxies:
    """Takes the browser's address from the proxies we trust, and from nobody else.

    Afterwards ``REMOTE_ADDR`` is the browser's address and no forwarding header is left, so that
    nothing further in can believe one by mistake. The scheme is BASE_URL's: it is what people see,
    wherever TLS ends.
    """

    def __init__(self, next_step: NextStep) -> None:
        self.next_step = next_step

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, with the browser's own address."""
        forwarded_for = request.META.get("HTTP_X_FORWARDED_FOR", "")
        forwarded_proto = request.META.get("HTTP_X_FORWARDED_PROTO", "")
        request.META["REMOTE_ADDR"] = _plain(request.META.get("REMOTE_ADDR", ""))
        trusted = _is_trusted(request.META["REMOTE_ADDR"])
        for header in FORWARDED:
            request.META.pop(header, None)
        if trusted:
            request.META["REMOTE_ADDR"] = _browser_address(
                forwarded_for, otherwise=request.META["REMOTE_ADDR"]
            )
        if trusted and settings.HTTPS and forwarded_proto == "http":
            return _at_base_url(request)
        request.META["wsgi.url_scheme"] = urlsplit(settings.BASE_URL).scheme
        return self.next_step(request)


class CanonicalHost:
    """Knows the portal by one name: other host names are sent to BASE_URL.

    Health checks are answered under any name, since probes ask by address.
    """

    def __init__(self, next_step: NextStep) -> None:
        self.next_step = next_step
        self.host = urlsplit(settings.BASE_URL).netloc

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on what was asked of BASE_URL's host; redirect or refuse the rest."""
        host = (request.META.get("HTTP_HOST") or request.META["SERVER_NAME"]).lower()
        # Some proxies write the usual port as well, which BASE_URL leaves away as browsers do.
        host = host.removesuffix(":443" if settings.HTTPS else ":80")
        if request.path.startswith("/health/"):
            request.META["HTTP_HOST"] = self.host
            return self.next_step(request)
        if host == self.host:
            return self.next_step(request)
        if request.method in {"GET", "HEAD"}:
            return _at_base_url(request)
        return HttpResponseBadRequest("This host name is not served here.", "text/plain")


class CanonicalPath:
    """Knows each page by one spelling: an address with escapes in it leads nowhere.

    None of ours needs any. A proxy that keeps ``/admin/`` to itself may not know that
    ``/%61dmin/`` and ``/admin%2f`` are the same to us.
    """

    def __init__(self, next_step: NextStep) -> None:
        self.next_step = next_step

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on what has no escapes in its path; raise ``Http404`` for the rest."""
        if "%" in request.META.get("RAW_URI", "").partition("?")[0]:
            raise Http404
        return self.next_step(request)


class OwnForms:
    """Knows forms of pages whose address is carried nowhere: those of set-up links.

    Under ``Referrer-Policy: no-referrer`` a browser names no origin either: Fetch, section 3.2.
    That the form is one of ours it then says in ``Sec-Fetch-Site``, which no page can set.
    """

    def __init__(self, next_step: NextStep) -> None:
        self.next_step = next_step

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; of a form of ours with the origin that it has."""
        is_ours = request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin"
        if is_ours and request.META.get("HTTP_ORIGIN") == "null":
            request.META["HTTP_ORIGIN"] = settings.BASE_URL
        return self.next_step(request)


class MethodNotAllowed:
    """Says on a page what a browser would leave blank: an address that only a form opens."""

    def __init__(self, next_step: NextStep) -> None:
        self.next_step = next_step

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; a refusal of the method gets a page where one is wanted."""
        response = self.next_step(request)
        wants_page = "text/html" in request.headers.get("Accept", "")
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not wants_page:
            return response
        page = render(request, "405.html", status=response.status_code)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page


class Headers:
    """Adds the headers that belong on every answer."""

    def __init__(self, next_step: NextStep) -> None:
        self.next_step = next_step

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the portal's headers; only what says otherwise may be cached."""
        response = self.next_step(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.has_header("Cache-Control") and isinstance(response, HttpResponse):
            add_never_cache_headers(response)
            response.headers["Cache-Control"] = "no-store"
        return response


def _at_base_url(request: HttpRequest) -> HttpResponseBase:
    return HttpResponsePermanentRedirect(settings.BASE_URL + request.get_full_path())


def _plain(address: str) -> str:
    """Return an IPv4 address as one, which a socket for both kinds writes as IPv6.

    All of those would else count as one network: RFC 4291, section 2.5.5.2.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _is_trusted(address: str) -> bool:
    try:
        peer = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(peer in network for network in settings.TRUSTED_PROXIES)


def _browser_address(forwarded_for: str, *, otherwise: str) -> str:
    # From the right: each proxy appends whom it heard from, so that the first address which is not
    # a proxy of ours is the last one that anybody trustworthy has seen.
    for word in reversed(forwarded_for.split(",")):
        candidate = _plain(word.strip())
        try:
            ipaddress.ip_address(candidate)
        except ValueError:
            break
        otherwise = candidate
        if not _is_trusted(candidate):
            break
    return otherwise

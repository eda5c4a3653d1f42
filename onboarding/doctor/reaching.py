"""Reaching the provider: OD-101 to OD-105, OD-107, OD-110, OD-111."""

import socket
from http import HTTPStatus
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from federation.oidc.json_document import DocumentError
from federation.outbound import (
    AddressRefusedError,
    Answer,
    AnswerTooLargeError,
    DeadlineExceededError,
    EncodingRefusedError,
    NotTrustedError,
    OutboundError,
    RedirectRefusedError,
    UnreachableError,
    why_not_issuer,
    why_not_outbound,
)
from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import diagnostic
from onboarding.findings import Verdict, could_not_tell, needs_fixing, passed
from partners.rules import ENTRA_HOSTS, lets_everybody_in

ENTRA_V1_HOST = "sts.windows.net"


@diagnostic("OD-101", gettext_lazy("The issuer’s form"))
def issuer_form(case: Case) -> Verdict:
    """Look whether the issuer's text is one that can be asked."""
    fault = why_not_issuer(case.issuer, trusted=case.trusted)
    if fault is None or _is_only_the_host(case):
        return passed(_("The issuer has the form of one."), issuer=case.issuer)
    return needs_fixing(
        _("That is not an issuer’s address. %(fault)s") % {"fault": fault},
        _("Paste the issuer as the provider’s settings show it, starting with https://."),
    )


@diagnostic("OD-110", gettext_lazy("One company’s own provider"), needs=("OD-101",))
def single_tenant(case: Case) -> Verdict:
    """Refuse the addresses at which every customer of Microsoft can sign in."""
    if lets_everybody_in(case.issuer) or "{" in case.issuer:
        return needs_fixing(
            _("This address lets in every Microsoft customer."),
            _(
                "Use the company’s own: https://login.microsoftonline.com/<Directory (tenant) "
                "ID>/v2.0. Set the app to this organizational directory only."
            ),
        )
    return passed(_("The address is not one that lets in everybody."))


@diagnostic("OD-111", gettext_lazy("The provider’s current address"), needs=("OD-110",))
def current_version(case: Case) -> Verdict:
    """Refuse the first version of Entra's endpoints, which name another issuer in their tokens."""
    is_entra = case.host in ENTRA_HOSTS
    path = urlsplit(case.issuer).path.rstrip("/")
    if case.host == ENTRA_V1_HOST or (is_entra and not path.endswith("/v2.0")):
        return needs_fixing(
            _("This is Microsoft’s older address."),
            _("It ends in /v2.0: https://login.microsoftonline.com/<Directory (tenant) ID>/v2.0."),
        )
    return passed(_("The address is not an outdated one."))


@diagnostic("OD-102", gettext_lazy("The host’s name"), needs=("OD-111",))
def host_name(case: Case) -> Verdict:
    """Look whether the name leads anywhere."""
    if _is_only_the_host(case):
        return passed(_("The name is judged by what it stands for."))
    error = case.discovery
    if isinstance(error, UnreachableError) and isinstance(error.__cause__, socket.gaierror):
        return needs_fixing(
            _("We can’t find %(host)s.") % {"host": case.host},
            _("Use the public address: the portal’s servers must reach it over the internet."),
            host=case.host,
        )
    return passed(_("The name %(host)s leads to an address.") % {"host": case.host})


@diagnostic("OD-103", gettext_lazy("A public address"), needs=("OD-102",))
def public_address(case: Case) -> Verdict:
    """Look whether the address is one on the internet, and not inside somebody's network."""
    if _is_only_the_host(case) or isinstance(case.discovery, AddressRefusedError):
        return needs_fixing(
            _("%(host)s is inside a private network.") % {"host": case.host},
            _(
                "The discovery, token and key addresses have to be published on the internet. "
                "That browsers reach them is not enough."
            ),
            host=case.host,
        )
    return passed(_("The address is one that the portal calls."))


@diagnostic("OD-104", gettext_lazy("An answer"), needs=("OD-103",))
def reachable(case: Case) -> Verdict:
    """Look whether there is an answer in time."""
    answer = case.discovery
    if isinstance(answer, UnreachableError | DeadlineExceededError):
        return needs_fixing(
            _("The provider didn’t answer. %(detail)s") % {"detail": answer.detail},
            _(
                "Allow the portal’s servers to GET the discovery and key addresses and to POST "
                "to the token address."
            ),
            host=case.host,
        )
    if isinstance(answer, Answer) and answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return needs_fixing(
            _("The provider has a problem: it answers with status %s.") % answer.status,
            host=case.host,
        )
    return passed(_("The provider answers."), host=case.host)


@diagnostic("OD-105", gettext_lazy("Its certificate"), needs=("OD-104",))
def certificate(case: Case) -> Verdict:
    """Look whether the provider proves over TLS who it is."""
    if isinstance(case.discovery, NotTrustedError):
        return needs_fixing(
            _("Its certificate isn’t trusted. %(detail)s") % {"detail": case.discovery.detail},
            _("Install the full chain, for this host name, from a public authority."),
            host=case.host,
        )
    if not case.issuer.lower().startswith("https://"):
        return passed(_("Plain http, which this portal allows for this host."))
    return passed(_("Its certificate is trusted."))


@diagnostic("OD-107", gettext_lazy("A discovery document"), needs=("OD-105",))
def discovery_document(case: Case) -> Verdict:
    """Look whether the answer is a document that describes a provider."""
    answer = case.discovery
    remedy = _("Check the path: the document is at the issuer, then {path}.").format(
        path="/.well-known/openid-configuration"
    )
    if isinstance(answer, RedirectRefusedError | AnswerTooLargeError):
        return could_not_tell(_("Not looked at: %(code)s comes first.") % {"code": "OD-108"})
    if isinstance(answer, EncodingRefusedError):
        return needs_fixing(_("The answer is compressed, although that was not asked for."))
    if isinstance(answer, OutboundError):
        return needs_fixing(_("There is no discovery document. %s") % answer.detail, remedy)
    if answer.status != HTTPStatus.OK:
        return needs_fixing(
            _("There is no discovery document: the answer’s status is %s.") % answer.status,
            remedy,
            status=answer.status,
        )
    if isinstance(case.members, DocumentError):
        return needs_fixing(
            _("We found a page, not a discovery document (%s).") % case.members,
            remedy,
            content_type=answer.content_type,
        )
    return passed(_("There is a discovery document."), bytes=len(answer.body))


DIAGNOSTICS = (
    issuer_form,
    single_tenant,
    current_version,
    host_name,
    public_address,
    reachable,
    certificate,
    discovery_document,
)


def _is_only_the_host(case: Case) -> bool:
    """Return whether all that is wrong with the issuer's text is that its host is not public."""
    if why_not_issuer(case.issuer, trusted=case.trusted) is None:
        return False
    try:
        parts = urlsplit(case.issuer)
        is_plain = parts.scheme == "https" and parts.port in {None, 443} and "@" not in parts.netloc
    except ValueError:
        return False
    # The same address at another host, and the same host with nothing else: which one is refused?
    on_any_host = parts._replace(netloc="provider.example").geturl()
    return (
        is_plain
        and why_not_issuer(on_any_host, trusted=case.trusted) is None
        and why_not_outbound(f"https://{parts.netloc}/", trusted=case.trusted) is not None
    )

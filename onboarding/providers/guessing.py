"""Which product a company probably has, from the domain of a work address: never more than that."""

from collections.abc import Callable, Iterable
from http import HTTPStatus

from django.conf import settings

from federation.oidc.discovery import configuration_url
from federation.outbound import OutboundError, outbound
from onboarding.providers.product import Product
from onboarding.providers.registry import all_products, product_of
from partners.models import Kind

DEADLINE_SECONDS = 3.0
"""Somebody waits for it, and can choose without it."""

MailHosts = Callable[[str], Iterable[str]]
"""Returns the hosts that take a domain's mail, none where that cannot be told."""


def product_guessed(domain: str, *, mail_hosts: MailHosts) -> Product | None:
    """Return the product that the company with the *domain*, an A-label, probably has, or ``None``.

    Where its mail goes is asked first, then Microsoft; nobody else is told of the domain.
    """
    hosts = [host.lower().rstrip(".") for host in mail_hosts(domain)]
    for product in all_products():
        if any(_is_below(host, ending) for host in hosts for ending in product.mail_hosts):
            return product
    return product_of(Kind.ENTRA) if _is_known_to_microsoft(domain) else None


def _is_below(host: str, ending: str) -> bool:
    return host == ending or host.endswith(f".{ending}")


def _is_known_to_microsoft(domain: str) -> bool:
    """Return whether one of Microsoft's tenants has the domain: it has a document for each."""
    url = configuration_url(settings.MICROSOFT_DIRECTORY.format(domain=domain))
    try:
        return outbound().fetch(url, deadline=DEADLINE_SECONDS).status == HTTPStatus.OK
    except OutboundError:
        return False

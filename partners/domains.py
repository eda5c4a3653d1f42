"""Which domains can belong to a partner, and which belong to everybody or to us."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import tldextract
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from partners.addresses import AddressError, normalised_domain


def require_domain(raw: str) -> None:
    """Refuse a domain that cannot be a partner's: a validator of Django's."""
    refusal = refusal_of_domain(raw)
    if refusal:
        raise ValidationError(refusal)


def refusal_of_domain(raw: str) -> str | None:
    """Return in one sentence why *raw* cannot be a partner's domain, or ``None``."""
    try:
        name = normalised_domain(raw)
    except AddressError:
        return _("This is not a domain name.")
    if "." not in name or name.rpartition(".")[2].isdecimal():
        return _("A domain has a name, a dot and an ending, as in company.example.")
    if registrable_domain(name) is None:
        return _("Anybody can register a name under %(domain)s.") % {"domain": name}
    if is_public_mail_domain(name):
        return _("Anybody can have an address at %(domain)s.") % {"domain": name}
    if registrable_domain(name) in _own_domains(settings.BASE_URL, settings.PORTAL_SUPPORT_EMAIL):
        return _("%(domain)s is the portal’s own domain.") % {"domain": name}
    return None


def is_public_mail_domain(domain: str) -> bool:
    """Return whether anybody can have an address at *domain*, as at ``gmail.com``."""
    return not _public_mail_domains().isdisjoint(with_parents(domain))


def with_parents(domain: str) -> list[str]:
    """Return *domain* and each domain it lies below, the longest first."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def registrable_domain(name: str) -> str | None:
    """Return the domain that somebody registered to have *name*; ``None``: *name* is a suffix.

    An ending that the Public Suffix List does not know counts as a suffix of one label.
    """
    parts = _suffixes()(name)
    if parts.suffix:
        return f"{parts.domain}.{parts.suffix}" if parts.domain else None
    return ".".join(name.split(".")[-2:]) if "." in name else None


@lru_cache(maxsize=4)
def _own_domains(base_url: str, support_email: str) -> frozenset[str]:
    hosts = [urlsplit(base_url).hostname or "", support_email.rpartition("@")[2].lower()]
    return frozenset(filter(None, map(registrable_domain, hosts)))


@lru_cache(maxsize=1)
def _suffixes() -> tldextract.TLDExtract:
    # The list comes with the package: without addresses to fetch and without a place to write,
    # nothing is ever downloaded.
    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
    )


@lru_cache(maxsize=1)
def _public_mail_domains() -> frozenset[str]:
    path = Path(__file__).parent / "data" / "public_mail_domains.txt"
    return frozenset(path.read_text().split())

"""A partner with a real provider behind it, and a browser that signs in there."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from demo.provider import Account, DemoProvider, Issuer, ProviderConfig
from partners.models import Connection, EmailDomain, Partner
from partners.secrets import remember_client_secret

SECRET = "a secret: 100 % + of theirs"
"""It has the characters that ``client_secret_basic`` has to encode."""


@dataclass(frozen=True, kw_only=True)
class Company:
    """A partner, its live connection, and the issuer that it leads to."""

    partner: Partner
    connection: Connection
    issuer: Issuer

    @property
    def slug(self) -> str:
        return self.partner.slug

    @property
    def domain(self) -> str:
        return f"{self.slug}.example"

    def account(self, name: str) -> Account:
        account = self.issuer.account(f"{name}@{self.domain}")
        assert account is not None
        return account


def founded(
    slug: str,
    provider: DemoProvider,
    *,
    base_url: str | None = None,
    config: ProviderConfig | None = None,
    accounts: tuple[Account, ...] = (),
    partner: dict[str, object] | None = None,
    connection: dict[str, object] | None = None,
) -> Company:
    """Return a live, listed partner with the domain ``<slug>.example`` and people there."""
    base_url = base_url or settings.BASE_URL
    people = accounts or tuple(
        Account(subject=f"{slug}-{name}", email=f"{name}@{slug}.example", name=name.title())
        for name in ("ana", "ben")
    )
    issuer = provider.register(
        slug,
        client_id=f"foyer-at-{slug}",
        client_secret=SECRET,
        redirect_uri=f"{base_url}/login/{slug}/callback/",
        accounts=people,
        config=config or ProviderConfig(name=slug.title()),
    )
    record = Partner.objects.create(
        **{
            "slug": slug,
            "name": slug.title(),
            "status": "live",
            "visibility": "listed",
            **(partner or {}),
        }
    )
    EmailDomain.objects.create(
        partner=record,
        name=f"{slug}.example",
        verified_at=timezone.now(),
        verified_how="operator",
    )
    row = Connection.objects.create(
        **{
            "partner": record,
            "issuer": issuer.issuer,
            "client_id": f"foyer-at-{slug}",
            **(connection or {}),
        }
    )
    remember_client_secret(row, SECRET)
    return Company(partner=record, connection=row, issuer=issuer)


class Browser:
    """One browser: Django's client at the portal, a real one everywhere else."""

    def __init__(self) -> None:
        self.portal = Client()
        self.elsewhere = requests.Session()
        self.elsewhere.trust_env = False

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.portal.get(path, secure=True, headers=headers)

    def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> HttpResponse:
        return self.portal.post(path, data or {}, secure=True, headers=headers)

    def authorization_url(self, slug: str, query: str = "") -> str:
        response = self.get(f"/login/{slug}/{query}")
        assert response.status_code == 302, response.content.decode()
        return response.headers["Location"]

    def callback_path(self, authorization_url: str) -> str:
        """Return where the provider sends the browser back to, as a path with its query."""
        answer = self.elsewhere.get(authorization_url, allow_redirects=False, timeout=10)
        assert answer.status_code in {302, 303}, answer.text
        location = answer.headers["Location"]
        assert location.startswith(settings.BASE_URL)
        return location.removeprefix(settings.BASE_URL)

    def sign_in(self, company: Company, name: str = "ana", query: str = "") -> HttpResponse:
        """Walk from the logo to the portal's answer to the callback."""
        company.issuer.sign_in_as(f"{name}@{company.domain}")
        return self.get(self.callback_path(self.authorization_url(company.slug, query)))

    def session(self) -> dict[str, object] | None:
        """Return what ``/api/session/`` says, ``None`` when nobody is signed in."""
        response = self.get("/api/session/")
        return response.json() if response.status_code == 200 else None


def query_of(url: str) -> dict[str, list[str]]:
    """Return the query of *url*, each name with all its values."""
    return parse_qs(urlsplit(url).query, keep_blank_values=True)

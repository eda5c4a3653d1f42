"""The demo's companies: issuers from the partner file, people from the accounts file."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from demo.provider.server import DemoProvider
from demo.provider.values import Account, Client, ProviderConfig

DEMO = Path(__file__).parent.parent
ACCOUNTS = DEMO / "accounts.json"
PARTNERS = DEMO / "partners.json"
SPARE = DEMO / "spare.json"
"""A provider that is nobody's yet, to add a partner by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What one issuer is to be: how it behaves and whom it knows."""

    config: ProviderConfig
    accounts: tuple[Account, ...]


def register_companies(
    provider: DemoProvider, partners: Path = PARTNERS, *, portal: str, application: str = "Foyer"
) -> None:
    """Register every issuer that the file *partners* names, with the portal as its client.

    *portal* is the portal's origin, *application* its name for people. Of an issuer only the path
    counts, so that the port is free to choose; several partners may share one issuer. A company
    that the accounts file does not know gets two people at its first domain.
    """
    companies = read_companies()
    for record in read_partners(partners):
        slug = issuer_slug(record)
        if slug not in provider.issuers:
            company = companies.get(slug) or _unknown_company(record)
            provider.add_issuer(
                slug,
                accounts=company.accounts,
                config=_with_logo(company.config, record, folder=partners.parent),
            )
        provider.issuer(slug).add_client(_client(record, portal, application))


def read_partners(path: Path = PARTNERS) -> list[dict[str, Any]]:
    """Return the records of the partner file."""
    records: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["partners"]
    return records


def read_companies(path: Path = ACCOUNTS) -> dict[str, Company]:
    """Return the companies of the accounts file by the slug of their issuer."""
    return {slug: _company(fields) for slug, fields in json.loads(path.read_text("utf-8")).items()}


def example_account(record: Mapping[str, Any], *, kept_out: Collection[str] = ()) -> Account | None:
    """Return the first person at this partner's first domain who can sign in, or None."""
    company = read_companies().get(issuer_slug(record)) or _unknown_company(record)
    domain = _first_domain(record)
    return next(
        (
            account
            for account in company.accounts
            if account.email.endswith(f"@{domain}") and account.email not in kept_out
        ),
        None,
    )


def issuer_slug(record: Mapping[str, Any]) -> str:
    """Return the slug of a partner's issuer: the path of its address."""
    return urlsplit(str(record["connection"]["issuer"])).path.strip("/")


def _company(fields: Mapping[str, Any]) -> Company:
    config = {name: value for name, value in fields.items() if name != "accounts"}
    accounts = tuple(
        Account(**{**account, "amr": tuple(account.get("amr", ()))})
        for account in fields["accounts"]
    )
    return Company(config=ProviderConfig(**config), accounts=accounts)


def _unknown_company(record: Mapping[str, Any]) -> Company:
    connection = record["connection"]
    domain = _first_domain(record)
    config = ProviderConfig(
        name=record["name"],
        id_token_alg=(connection.get("id_token_algs") or ["RS256"])[0],
        claims=connection.get("pinned_claims") or {},
        issuer_has_trailing_slash=connection["issuer"].endswith("/"),
    )
    people = (
        Account(subject="person-1", email=f"ana@{domain}", name="Ana Sousa"),
        Account(subject="person-2", email=f"ben@{domain}", name="Ben Okafor"),
    )
    return Company(config=config, accounts=people)


def _first_domain(record: Mapping[str, Any]) -> str:
    domain = record["domains"][0]
    return str(domain if isinstance(domain, str) else domain["name"])


def _with_logo(
    config: ProviderConfig, record: Mapping[str, Any], *, folder: Path
) -> ProviderConfig:
    # An issuer that several companies share shows the logo of none of them.
    if not record.get("logo") or issuer_slug(record) != record["slug"]:
        return config
    return replace(config, logo=(folder / record["logo"]).read_bytes())


def _client(record: Mapping[str, Any], portal: str, application: str) -> Client:
    connection, slug = record["connection"], record["slug"]
    return Client(
        name=application,
        client_id=connection["client_id"],
        client_secret=connection.get("client_secret", ""),
        token_endpoint_auth_method=connection.get(
            "token_endpoint_auth_method", "client_secret_basic"
        ),
        redirect_uri=f"{portal}/login/{slug}/callback/",
        initiate_login_uri=f"{portal}/login/{slug}/initiate/",
        backchannel_logout_uri=f"{portal}/login/{slug}/backchannel-logout/",
        post_logout_redirect_uri=f"{portal}/logout/",
        jwks_uri=f"{portal}/.well-known/foyer/{slug}/jwks.json",
    )

"""A partner of the running portal whose provider is in an attacker's hands."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from psycopg import sql
from psycopg.types.json import Jsonb

from demo.provider import Account, Issuer, SigningKey
from tests.support.portal import Portal

COLUMNS = (
    "token_endpoint_auth_method",
    "scopes",
    "email_claim",
    "require_email_verified",
    "pinned_claims",
    "max_age",
    "acr_values",
    "required_amr",
    "id_token_algs",
)
"""What ``configure`` may change of a connection, and ``restore`` puts back."""


class Adversary:
    """One partner, whose people are Ana and Ben."""

    def __init__(self, portal: Portal, slug: str) -> None:
        self.portal = portal
        self.slug = slug
        ((self.connection_id, self.partner_id, self.client_id, issuer),) = portal.rows(
            "SELECT c.id, p.id, c.client_id, c.issuer FROM partners_connection c"
            " JOIN partners_partner p ON p.id = c.partner_id WHERE p.slug = %s",
            slug,
        )
        self.issuer: Issuer = portal.issuer(urlsplit(issuer).path.strip("/"))
        self._config = self.issuer.config
        self._accounts = dict(self.issuer.accounts)
        self._clients = dict(self.issuer.clients)
        self._row = self._columns()
        self._is_changed = False

    @property
    def issuer_url(self) -> str:
        return self.issuer.issuer

    def email(self, name: str) -> str:
        return f"{name}@{self.slug}.example"

    def account(self, name: str) -> Account:
        account = self.issuer.account(self.email(name))
        assert account is not None
        return account

    def secrets(self) -> set[str]:
        """Return what the provider keeps to itself and the portal."""
        return {client.client_secret for client in self.issuer.clients.values()}

    def sign_in_as(self, name: str) -> None:
        self.issuer.sign_in_as(self.email(name))

    def misbehave(self, **faults: Any) -> None:
        """Spoil what the provider says; its documents are fetched anew where they are spoilt."""
        self.issuer.misbehave(**faults)
        if {"discovery", "jwks"} & faults.keys():
            self.forget_documents()

    def configure(self, **columns: object) -> None:
        """Change the connection, as the owner would in the admin."""
        self._is_changed = True
        for name, value in columns.items():
            assert name in COLUMNS
            kept = Jsonb(value) if isinstance(value, dict) else value
            column = sql.Identifier(name)
            statement = sql.SQL("UPDATE partners_connection SET {} = %s WHERE id = %s")
            self.portal.database.execute(statement.format(column), (kept, self.connection_id))

    def set_status(self, status: str) -> None:
        """Change how far the partner is: draft, live or paused."""
        self.portal.change(
            "UPDATE partners_partner SET status = %s WHERE id = %s", status, self.partner_id
        )

    @contextmanager
    def having_domain(
        self, name: str, *, is_verified: bool = True, subdomains: bool = False
    ) -> Iterator[None]:
        """Give the partner one more domain, for the time of the context."""
        self.portal.change(
            "INSERT INTO partners_emaildomain"
            " (partner_id, name, verified_at, verified_how, subdomains)"
            " VALUES (%s, %s, CASE WHEN %s THEN now() END, '', %s)",
            *(self.partner_id, name, is_verified, subdomains),
        )
        try:
            yield
        finally:
            self.portal.change(
                "DELETE FROM partners_emaildomain WHERE partner_id = %s AND name = %s",
                *(self.partner_id, name),
            )

    def signs_with(self, *keys: SigningKey) -> None:
        """Publish these keys, sign with the first, and let the connection take what is offered."""
        self.issuer.config = replace(self.issuer.config, id_token_alg=keys[0].alg)
        self.issuer._keys = list(keys)
        self.configure(id_token_algs=[])
        self.forget_documents()

    def behaves(self, **config: Any) -> None:
        """Let the provider be of another kind; the members are ``ProviderConfig``'s."""
        self.issuer.config = replace(self.issuer.config, **config)
        self.forget_documents()

    def forget_documents(self) -> None:
        """Let the portal fetch the provider's documents at the next sign-in."""
        self._is_changed = True
        self._delete_documents()

    def age_documents(self, *, minutes: int) -> None:
        """Let the portal's copy of the provider's documents be older than it is."""
        self._is_changed = True
        self.portal.change(
            "UPDATE federation_providerdocuments SET fetched_at = fetched_at - %s,"
            " asked_again_at = asked_again_at - %s WHERE connection_id = %s",
            *[timedelta(minutes=minutes)] * 2,
            self.connection_id,
        )

    def restore(self) -> None:
        """Undo what a case has changed, and forget who has come."""
        self.issuer.config = self._config
        self.issuer.accounts = dict(self._accounts)
        self.issuer.clients = dict(self._clients)
        self.issuer.reset()
        self._empty()
        if self._is_changed:
            self.issuer._keys = []
            self.configure(**self._row)
            self._delete_documents()
            self._is_changed = False

    def _columns(self) -> dict[str, Any]:
        names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
        statement = sql.SQL("SELECT {} FROM partners_connection WHERE id = %s").format(names)
        row = self.portal.database.execute(statement, (self.connection_id,)).fetchone()
        assert row is not None
        return dict(zip(COLUMNS, row, strict=True))

    def _delete_documents(self) -> None:
        self.portal.change(
            "DELETE FROM federation_providerdocuments WHERE connection_id = %s", self.connection_id
        )

    def _empty(self) -> None:
        self.set_status("live")
        people = "SELECT id FROM people_user WHERE partner_id = %s"
        for table in ("people_session", "people_federatedlogin", "tokens_developeridentity"):
            sql = f"DELETE FROM {table} WHERE user_id IN ({people})"  # noqa: S608 -- our own words
            self.portal.change(sql, self.partner_id)
        self.portal.change("DELETE FROM people_user WHERE partner_id = %s", self.partner_id)

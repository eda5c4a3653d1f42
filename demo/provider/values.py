"""What an issuer is told: its accounts, the client registered there, and how it behaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person at a company, as its provider knows them.

    *acr* and *amr* are what this person's sign-in reaches. *refusal* is an OAuth error code with
    which the provider answers instead of signing in, *refusal_description* its words.
    """

    subject: str
    email: str
    name: str = ""
    email_verified: bool | str = True
    acr: str = ""
    amr: tuple[str, ...] = ()
    claims: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    refusal: str = ""
    refusal_description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The portal as one issuer knows it. URIs are compared character by character."""

    client_id: str
    redirect_uri: str
    name: str = "Foyer"
    client_secret: str = field(default="", repr=False)
    token_endpoint_auth_method: str = "client_secret_basic"  # noqa: S105 - a method's name
    post_logout_redirect_uri: str = ""
    initiate_login_uri: str = ""
    backchannel_logout_uri: str = ""
    jwks: Mapping[str, object] | None = None
    jwks_uri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """How one issuer behaves, in the ways in which real providers differ.

    *claims* are added to every ID Token. With *thin_id_token* the person's e-mail address and
    name come from UserInfo only, as Okta's org server does: Core 1.0, section 5.4. Without
    *names_issuer* neither the metadata nor the response names the issuer: RFC 9207. Without
    *names_session* ID Tokens and logout tokens have no ``sid``.
    """

    name: str = ""
    id_token_alg: str = "RS256"  # noqa: S105 - an algorithm's name
    claims: Mapping[str, object] = field(default_factory=dict)
    thin_id_token: bool = False
    sends_email_verified: bool = True
    names_issuer: bool = True
    announces_pkce: bool = True
    has_end_session_endpoint: bool = True
    names_session: bool = True
    issuer_has_trailing_slash: bool = False
    accent: str = "#2f4858"
    backdrop: str = "#eef1f4"
    logo: bytes = field(default=b"", repr=False)


DEFAULT_ACCOUNTS = (
    Account(subject="person-1", email="ana@company.example", name="Ana Sousa"),
    Account(subject="person-2", email="ben@company.example", name="Ben Okafor"),
)
"""Whom an issuer knows that was registered without accounts."""

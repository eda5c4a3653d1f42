"""The records: a partner, its e-mail domains, its connections with our keys there, its logos."""

from partners.models.client_key import ClientKey
from partners.models.connection import AuthMethod, Connection, Kind
from partners.models.domain import EmailDomain
from partners.models.logo import Logo
from partners.models.partner import Partner, Status, Visibility

__all__ = [
    "AuthMethod",
    "ClientKey",
    "Connection",
    "EmailDomain",
    "Kind",
    "Logo",
    "Partner",
    "Status",
    "Visibility",
]

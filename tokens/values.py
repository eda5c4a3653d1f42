"""The values that travel through this app."""

import re
from dataclasses import dataclass, field
from datetime import datetime

IDENTITY_POOL_ID = re.compile(r"[\w-]{1,20}:[0-9a-f-]{1,36}", re.ASCII)
"""Amazon's own pattern, and the 55 characters it allows in all."""

DEVELOPER_PROVIDER_NAME = re.compile(r"[\w.-]{1,128}", re.ASCII)
"""Amazon's own pattern for DeveloperProviderName."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeveloperToken:
    """A token that an identity pool issued for one person; ``value`` is the JWT, never shown.

    ``identity_id`` is Cognito's name for the person, the token's ``sub``.
    """

    value: str = field(repr=False)
    identity_id: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityPool:
    """The pool that issues the tokens, and the name under which it knows us; both are Amazon's.

    A pool lives in one Region, which its id begins with.
    """

    identity_pool_id: str
    developer_provider_name: str

    @property
    def region(self) -> str:
        """The Region's code, as in ``eu-west-1``."""
        return self.identity_pool_id.partition(":")[0]

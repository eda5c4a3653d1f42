"""A partner's email domains: claimed, proved by a DNS record, looked at again for ever.

``claims`` is what pages ask for. A look at the DNS is one of ``looks``: ``dns`` asks, ``proof``
judges what was heard. ``keeping`` looks again in the background, and ``events`` is what the trail
and the people concerned are told.
"""

from onboarding.domains.claims import (
    DomainError,
    DomainState,
    add_domain,
    challenge_of,
    domain_states,
    look_at_all,
    look_now,
    remove_domain,
    state_of,
)

__all__ = [
    "DomainError",
    "DomainState",
    "add_domain",
    "challenge_of",
    "domain_states",
    "look_at_all",
    "look_now",
    "remove_domain",
    "state_of",
]

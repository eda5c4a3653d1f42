"""An outbound client that calls one server on loopback under a public name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import pytest

from federation.outbound import Outbound, OutboundError
from federation.outbound.addresses import Resolver
from tests.support.loopback import Behaviour, LoopbackServer, serving

HOST = "provider.example"

SOON = 0.4
"""Seconds: a deadline that a test waits for."""

ENOUGH = 10.0
"""Seconds: a deadline that is never reached."""


def loopback(_host: str) -> Sequence[str]:
    return ["127.0.0.1"]


@contextmanager
def calling(
    server: LoopbackServer,
    *,
    resolver: Resolver = loopback,
    is_tls: bool = False,
    ca_bundle: str | None = None,
) -> Iterator[tuple[Outbound, str]]:
    """Give a client that trusts *server* as ``HOST``, and the URL by which to call it."""
    trusted = frozenset({f"{HOST}:{server.port}"})
    outbound = Outbound(trusted=trusted, ca_bundle=ca_bundle, resolver=resolver)
    try:
        yield outbound, f"{'https' if is_tls else 'http'}://{HOST}:{server.port}/"
    finally:
        outbound.close()


def refusal(
    behaviour: Behaviour, *, deadline: float = ENOUGH, method: str = "GET"
) -> OutboundError:
    """Return what a call to a server of this *behaviour* raises."""
    with serving(behaviour) as server, calling(server) as (outbound, url):
        call = {
            "GET": partial(outbound.fetch, url),
            "POST": partial(outbound.post, url, headers={}, body=b"code=1"),
        }[method]
        with pytest.raises(OutboundError) as refusal:
            call(deadline=deadline)
        return refusal.value

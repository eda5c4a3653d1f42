"""A reverse proxy before several portals: no session sticks to one of them."""

import itertools
from collections.abc import Mapping, Sequence
from contextlib import suppress

from bench.browser import Answer, HungUpError, Wire


class Balancer:
    """Gives browsers a way to all portals at these *ports*, which have one *origin* in common."""

    def __init__(self, origin: str, ports: Sequence[str]) -> None:
        self.origin = origin
        self.addresses = [("127.0.0.1", int(port)) for port in ports]
        self.turns = itertools.count()

    def wire(self) -> Wire:
        """Return a new browser's connection."""
        return _Spread(self)


class _Spread(Wire):
    """A connection whose every request goes to the next portal.

    One that does not answer is passed over, as nginx does for what has no body by default.
    """

    def __init__(self, balancer: Balancer) -> None:
        super().__init__(balancer.origin)
        self._balancer = balancer

    def get(self, target: str, cookies: Mapping[str, str]) -> Answer:
        """Return the answer to a GET of *target*."""
        addresses = self._balancer.addresses
        turn = next(self._balancer.turns)
        for tried in range(turn, turn + len(addresses)):
            self.close()
            self._address = addresses[tried % len(addresses)]
            with suppress(HungUpError, ConnectionError):
                return super().get(target, cookies)
        raise HungUpError(f"no portal of {self.origin} answers")

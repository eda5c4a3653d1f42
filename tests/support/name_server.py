"""A name server on loopback, over UDP and TCP, that says what a test tells it to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dnslib import CNAME, MX, QTYPE, RCODE, RR, TXT, DNSRecord
from dnslib.server import DNSHandler, DNSServer

Zone = dict[str, list[bytes | str]]
"""The texts at each name; a name with an empty list exists without texts."""


class NameServer:
    """Two ports that a portal may ask; both tell of ``texts``, unless ``faults`` says otherwise.

    ``faults`` maps a port to an RCODE's name or ``silence``, ``garbage``, ``stranger`` (for
    another question) or ``elsewhere`` (from another port). What one port alone sees goes to
    ``seen_by``. ``losing`` is how many questions get lost.
    """

    def __init__(self) -> None:
        self.texts: Zone = {}
        self.aliases: dict[str, str] = {}
        self.mail_hosts: dict[str, list[str]] = {}
        self.faults: dict[int, str] = {}
        self.seen_by: dict[int, Zone] = {}
        self.asked: list[tuple[int, str, str]] = []
        self.losing = 0
        self._servers: list[DNSServer] = []
        self.ports: list[int] = []

    @property
    def resolvers(self) -> list[tuple[str, int]]:
        """The setting DNS_RESOLVERS that leads here."""
        return [("127.0.0.1", port) for port in self.ports]

    def recover(self) -> None:
        """Be honest, and know nothing."""
        for known in (self.texts, self.aliases, self.mail_hosts):
            known.clear()
        for seen in (self.faults, self.seen_by, self.asked):
            seen.clear()
        self.losing = 0

    def everywhere(self, fault: str) -> None:
        """Let every port have this fault."""
        self.faults.update(dict.fromkeys(self.ports, fault))

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord | None:
        """Return the answer to one question."""
        port = handler.server.server_address[1]
        name = str(request.q.qname).rstrip(".").lower()
        self.asked.append((port, handler.protocol, name))
        fault = self.faults.get(port, "")
        reply = request.reply()
        if fault == "silence" or self.losing:
            self.losing = max(0, self.losing - 1)
            return None
        if fault in RCODE.reverse:
            reply.header.rcode = getattr(RCODE, fault)
            return reply
        if request.q.qtype == QTYPE.MX:
            for host in self.mail_hosts.get(name, []):
                reply.add_answer(RR(name, QTYPE.MX, rdata=MX(host, 10), ttl=60))
            return reply
        zone = self.seen_by.get(port, self.texts)
        while name in self.aliases:
            target = self.aliases[name]
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(target), ttl=60))
            name = target
        if name not in zone:
            reply.header.rcode = RCODE.NXDOMAIN
        for text in zone.get(name, []):
            raw = text.encode() if isinstance(text, str) else text
            strings = [raw[start : start + 255] for start in range(0, len(raw), 255)]
            reply.add_answer(RR(name, QTYPE.TXT, rdata=TXT(strings), ttl=60))
        return reply

    def start(self) -> None:
        for _ in range(2):
            port = _free_port()
            self.ports.append(port)
            for is_tcp in (False, True):
                server = DNSServer(
                    self, address="127.0.0.1", port=port, tcp=is_tcp, handler=_Handler
                )
                self._servers.append(server)
                server.start_thread()

    def stop(self) -> None:
        for server in self._servers:
            server.stop()
            server.server.server_close()
            server.thread.join(5)


class _Handler(DNSHandler):
    def get_reply(self, data: bytes) -> bytes:
        resolver = self.server.resolver
        request = DNSRecord.parse(data)
        reply = resolver.resolve(request, self)
        if reply is None:
            threading.Event().wait(0.05)
            raise _SilenceError
        fault = resolver.faults.get(self.server.server_address[1], "")
        if fault == "garbage":
            return b"\x00" * 7
        if fault == "stranger":
            reply.header.id = (request.header.id + 1) % 65536
        packed: bytes = reply.pack()
        if fault == "elsewhere":
            with socket.socket(type=socket.SOCK_DGRAM) as other:
                other.sendto(packed, self.client_address)
            raise _SilenceError
        if self.protocol == "udp" and len(packed) > 1232:
            reply.header.tc, reply.rr = 1, []
            packed = reply.pack()
        return packed

    def handle(self) -> None:
        with suppress(_SilenceError, OSError):
            super().handle()


class _SilenceError(Exception):
    pass


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_name_server() -> Iterator[NameServer]:
    """Give a name server until the end of the block."""
    server = NameServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()

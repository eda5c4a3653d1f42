"""The one way to the DNS: what name servers say is at a name, asked anew.

What has to be proved is asked of several of them; where mail goes, which only helps to guess which
product a company has, of the first that answers.

Nothing here is cached, neither what is there nor what is not: whoever has just added a record wants
to hear of it. The name servers are resolvers, which follow CNAME and DNAME as the DNS has it; one
that validates DNSSEC answers SERVFAIL where a signature does not hold.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import structlog
from django.conf import settings

TRY_SECONDS = 2.0
"""How long one question may take, over UDP and then, where the answer is cut short, over TCP."""

TRIES = 2
"""A datagram may be lost."""

TEXTS_AT_MOST = 100
"""Records at one name: there is one of ours, and few of others."""

ANSWER_BYTES = 16 * 1024
"""Of all texts together."""

MAIL_SECONDS = 1.5
"""How long each is asked where mail goes: somebody waits for it, and can choose without it."""

MAIL_SERVERS = 2
"""How many are asked that: where none of two answers, a third would hardly."""

PAYLOAD_BYTES = 1232
"""What fits into a datagram everywhere: the DNS flag day of 2020."""

log = structlog.get_logger(__name__)


class Failure(StrEnum):
    """Why one name server has told of no text."""

    NO_SUCH_NAME = "no_such_name"
    NO_TEXT = "no_text"
    SERVER_FAILED = "server_failed"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    TOO_MUCH = "too_much"
    MALFORMED = "malformed"

    @property
    def is_definite(self) -> bool:
        """Whether the name server knows that there is nothing, rather than knowing nothing."""
        return self in {Failure.NO_SUCH_NAME, Failure.NO_TEXT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one name server said: the *texts* at the name, or the *failure* to tell of any."""

    server: str
    texts: tuple[bytes, ...] = ()
    failure: Failure | None = None


def texts_at(name: str) -> tuple[Heard, ...]:
    """Return what each of DNS_RESOLVERS says is in the TXT records at *name*, A-labels.

    They are asked at the same time: RFC 1035, sections 3.3.14 and 4.2. It never raises.
    """
    servers: list[tuple[str, int]] = settings.DNS_RESOLVERS
    with ThreadPoolExecutor(max_workers=len(servers)) as pool:
        heard = tuple(pool.map(lambda server: _heard_from(server, name), servers))
    log.info("dns.asked", name=name, heard={one.server: _told(one) for one in heard})
    return heard


def mail_hosts_of(domain: str) -> list[str]:
    """Return the hosts that take mail for *domain*, an A-label; none where that cannot be told.

    Nothing may rest on it. It never raises.
    """
    question = dns.message.make_query(domain, dns.rdatatype.MX)
    for host, port in settings.DNS_RESOLVERS[:MAIL_SERVERS]:
        try:
            answer, _ = dns.query.udp_with_fallback(
                question, host, port=port, timeout=MAIL_SECONDS, ignore_unexpected=True
            )
        except (dns.exception.DNSException, OSError, EOFError):
            continue
        return [
            record.exchange.to_text(omit_final_dot=True)
            for records in answer.answer
            if records.rdtype == dns.rdatatype.MX
            for record in records
        ]
    return []


def _heard_from(server: tuple[str, int], name: str) -> Heard:
    label = f"{server[0]}:{server[1]}"
    failure = Failure.TIMED_OUT
    for _ in range(TRIES):
        try:
            return Heard(server=label, texts=_texts_in(_answer_of(server, name)))
        except _FailureError as error:
            return Heard(server=label, failure=error.failure)
        except dns.exception.Timeout:
            failure = Failure.TIMED_OUT
        except (OSError, EOFError):
            failure = Failure.UNREACHABLE
        except dns.exception.DNSException:
            failure = Failure.MALFORMED
    return Heard(server=label, failure=failure)


def _answer_of(server: tuple[str, int], name: str) -> dns.message.Message:
    question = dns.message.make_query(name, dns.rdatatype.TXT, payload=PAYLOAD_BYTES)
    # What comes from elsewhere, or for another question, is somebody's guess: it is waited past.
    answer, _ = dns.query.udp_with_fallback(
        question,
        server[0],
        port=server[1],
        timeout=TRY_SECONDS,
        ignore_unexpected=True,
        ignore_errors=True,
    )
    return answer


def _texts_in(answer: dns.message.Message) -> tuple[bytes, ...]:
    """Return the texts of *answer*, each of its strings joined: RFC 7208, section 3.3."""
    code = answer.rcode()
    if code not in _FAILURES:
        raise _FailureError(Failure.MALFORMED)
    failure = _FAILURES[code]
    if failure is not None:
        raise _FailureError(failure)
    if not isinstance(answer, dns.message.QueryMessage):
        raise _FailureError(Failure.MALFORMED)
    records = answer.resolve_chaining().answer
    if not records:
        raise _FailureError(Failure.NO_TEXT)
    texts = tuple(b"".join(record.strings) for record in records)
    if len(texts) > TEXTS_AT_MOST or sum(map(len, texts)) > ANSWER_BYTES:
        raise _FailureError(Failure.TOO_MUCH)
    return texts


_FAILURES = {
    dns.rcode.NOERROR: None,
    dns.rcode.NXDOMAIN: Failure.NO_SUCH_NAME,
    dns.rcode.SERVFAIL: Failure.SERVER_FAILED,
    dns.rcode.REFUSED: Failure.REFUSED,
}
"""What the codes of an answer mean: RFC 1035, section 4.1.1."""


class _FailureError(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


def _told(heard: Heard) -> str:
    return str(heard.failure) if heard.failure else f"{len(heard.texts)} texts"

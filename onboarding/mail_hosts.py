"""Where a domain's mail goes: asked only to guess which product a company has.

Nothing rests on it, so the first name server that answers is believed: what has to be proved is for
``onboarding.domains``.
"""

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
from django.conf import settings

TRY_SECONDS = 1.5
"""For a name server: somebody waits for it, and can choose without it."""

SERVERS = 2
"""How many are tried: where none of two answers, a third would hardly."""


def mail_hosts_of(domain: str) -> list[str]:
    """Return the hosts that take mail for *domain*, an A-label; none where that cannot be told."""
    question = dns.message.make_query(domain, dns.rdatatype.MX)
    for host, port in settings.DNS_RESOLVERS[:SERVERS]:
        try:
            answer, _ = dns.query.udp_with_fallback(
                question, host, port=port, timeout=TRY_SECONDS, ignore_unexpected=True
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

"""The DNS record that proves a domain, and what to make of what name servers say: no network here.

The record is of one partner and one domain, so that nobody can use another one's; it has a name of
its own below the domain, which no other service takes. That is how the IETF's working group on the
DNS wants it: draft-ietf-dnsop-domain-verification-techniques.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onboarding.domains.dns import Failure, Heard

LABEL = "_foyer-challenge"
"""The first label of the record's name."""

PREFIX = "foyer-verification="
"""What the record's value begins with; the token alone will do."""

AGREEING = 2
"""Name servers that have to see the record, or to see that it is gone: one may be lied to."""

SHOWN_TEXTS = 5
SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A TXT record as it has to be entered."""

    name: str
    label: str
    value: str
    type: str = "TXT"


class Seen(StrEnum):
    """What a look at the DNS has found."""

    NOTHING_YET = ""
    RECORD = "record"
    NO_SUCH_NAME = "no_such_name"
    NO_TEXT = "no_text"
    OTHER_TEXT = "other_text"
    DOUBLED = "doubled"
    ONE_ALONE = "one_alone"
    SERVER_FAILED = "server_failed"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    TOO_MUCH = "too_much"
    MALFORMED = "malformed"

    @property
    def sentence(self) -> str | Promise:
        """What was found, and what to do, in plain words."""
        return _SENTENCES[self]


class State(StrEnum):
    """How far a domain is on its way to be known as the partner's."""

    PROVED = "proved"
    CONFIRMED = "confirmed"
    LAPSING = "lapsing"
    CONTESTED = "contested"
    WAITING = "waiting"

    @property
    def label(self) -> str | Promise:
        """The state in words."""
        return _STATES[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What name servers said together: *found* are texts that may be shown, as they were found.

    *is_gone* says that enough of them know that the record is not there.
    """

    seen: Seen
    found: tuple[str, ...] = ()
    is_gone: bool = False


def record_of(domain: str, token: str) -> Record:
    """Return the record that proves *domain*, an A-label; ``label`` is for editors that append."""
    return Record(name=f"{LABEL}.{domain}", label=LABEL, value=PREFIX + token)


def look_of(heard: Sequence[Heard], token: str) -> Look:
    """Return what the name servers' answers say of the record with this *token*."""
    seeing = [one for one in heard if any(_proves(text, token) for text in one.texts)]
    if len(seeing) >= AGREEING:
        return Look(seen=Seen.RECORD)
    found = tuple(dict.fromkeys(_shown(text) for one in heard for text in one.texts))[:SHOWN_TEXTS]
    if seeing:
        return Look(seen=Seen.ONE_ALONE, found=found)
    knowing = [one for one in heard if one.failure is None or one.failure.is_definite]
    is_gone = len(knowing) >= AGREEING
    if found:
        return Look(seen=Seen.OTHER_TEXT, found=found, is_gone=is_gone)
    failures = [one.failure for one in heard if one.failure is not None]
    # Whoever knows says more than whoever couldn't be asked.
    first = next((one for one in _TELLING if one in failures), Failure.MALFORMED)
    return Look(seen=Seen(first.value), is_gone=is_gone)


def proves_at_all(heard: Sequence[Heard], token: str) -> bool:
    """Return whether any name server has seen the record."""
    return any(_proves(text, token) for one in heard for text in one.texts)


def _proves(text: bytes, token: str) -> bool:
    # Some editors keep the quotation marks and blanks that were pasted.
    bare = text.strip(b' \t\r\n"')
    return bare in {token.encode(), (PREFIX + token).encode()}


def _shown(text: bytes) -> str:
    """Return *text* as it can be shown and stored, whatever bytes it has."""
    decoded = text.decode("utf-8", errors="backslashreplace")
    plain = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in decoded)
    return plain if len(plain) <= SHOWN_CHARACTERS else plain[: SHOWN_CHARACTERS - 1] + "…"


_TELLING = (
    *(Failure.NO_TEXT, Failure.NO_SUCH_NAME, Failure.TOO_MUCH, Failure.SERVER_FAILED),
    *(Failure.REFUSED, Failure.MALFORMED, Failure.TIMED_OUT, Failure.UNREACHABLE),
)

_STATES = {
    State.PROVED: _("Verified"),
    State.CONFIRMED: _("Confirmed by us"),
    State.LAPSING: _("Verified, but the record is gone"),
    State.CONTESTED: _("Claimed by another company"),
    State.WAITING: _("Waiting for DNS"),
}

_SENTENCES = {
    Seen.NOTHING_YET: _("We haven’t looked yet."),
    Seen.RECORD: _("The record is there."),
    Seen.NO_SUCH_NAME: _(
        "There is no such name in the DNS yet. A new record can take an hour to be seen. Some DNS "
        "hosts add the domain by themselves: enter only the first part of the name there."
    ),
    Seen.NO_TEXT: _("The name is there, without a TXT record. Is the record’s type TXT?"),
    Seen.OTHER_TEXT: _(
        "There is a TXT record at this name, but it has another value. Copy the value again, "
        "without quotation marks."
    ),
    Seen.DOUBLED: _(
        "The record is there under a name that has your domain twice: your DNS host adds the "
        "domain by itself. Enter only the first part of the name."
    ),
    Seen.ONE_ALONE: _(
        "One name server sees the record, the others don’t yet. It is on its way: we look again."
    ),
    Seen.SERVER_FAILED: _(
        "The domain’s name servers don’t answer as they should, or a DNSSEC signature of theirs "
        "doesn’t hold."
    ),
    Seen.REFUSED: _("The domain’s name servers refuse to answer."),
    Seen.TIMED_OUT: _("No answer came in time. We look again."),
    Seen.UNREACHABLE: _("We can’t reach any name server. That is ours to mend, and we look again."),
    Seen.TOO_MUCH: _(
        "There are more TXT records at this name than we read. Remove those that aren’t needed."
    ),
    Seen.MALFORMED: _("The answer of the name servers can’t be read."),
}

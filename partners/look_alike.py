"""Domains that read like another partner's: letters of other scripts, and pairs that look like one.

Nobody is refused for it, since many companies have names that are alike: a person has to look.
"""

import unicodedata

from partners.addresses import readable_domain
from partners.models import EmailDomain

_LETTERS = {
    **dict(zip("асԁеһіјкӏмоԛргѕтуѵԝхь", "acdehijklmoqprstyvwxb", strict=True)),
    **dict(zip("αγικνορστυχωη", "ayikvopotuxwn", strict=True)),
    **dict(zip("օսոհցզ", "ounhgq", strict=True)),
    **dict(zip("ıɑɡøđłħ", "iagodlh", strict=True)),
    **dict(zip("01", "ol", strict=True)),
}
"""Cyrillic, Greek, Armenian and Latin letters, and digits, by the plain letters they look like: the
part of UTS 39's table that can stand in a domain's name and reads as Latin."""

_PAIRS = {"rn": "m", "vv": "w"}


def skeleton_of(domain: str) -> str:
    """Return *domain*, an A-label, in the plain letters that it reads as: UTS 39, section 4."""
    decomposed = unicodedata.normalize("NFKD", readable_domain(domain).lower())
    bare = (one for one in decomposed if not unicodedata.combining(one))
    skeleton = "".join(_LETTERS.get(one, one) for one in bare)
    for pair, letter in _PAIRS.items():
        skeleton = skeleton.replace(pair, letter)
    return skeleton


def look_alike_of(domain: EmailDomain) -> EmailDomain | None:
    """Return another partner's verified domain that *domain* reads like, or ``None``."""
    skeleton = skeleton_of(domain.name)
    others = EmailDomain.objects.filter(verified_at__isnull=False).select_related("partner")
    others = others.exclude(partner=domain.partner_id).exclude(name=domain.name)
    return next((one for one in others.iterator() if skeleton_of(one.name) == skeleton), None)

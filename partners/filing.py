"""How a company's name is filed, found and abbreviated: the same in every locale and database."""

import re
import unicodedata

SORT_KEY_CHARACTERS = 240
"""A name has 120 characters at most, of which some fold into two."""

DIGITS = "0-9"
"""The letter under which names are filed that begin with a digit."""

OTHERS = "#"
"""The letter under which names are filed that have neither a letter nor a digit."""

_LATIN_WITHOUT_ACCENTS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
# Not every combining mark: the vowel signs of Indian scripts are ones too.
_ACCENTS = re.compile("[\u0300-\u036f]")
_NOT_SHOWN = re.compile("[\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


def folded(text: str) -> str:
    """Return *text* as it is compared: without case, accents, control characters, double blanks."""
    shown = _NOT_SHOWN.sub(" ", text)
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", shown)).casefold()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain)).translate(_LATIN_WITHOUT_ACCENTS)
    return " ".join(map(_ascii_digits, plain.split()))


def sort_key_of(name: str) -> str:
    """Return the text by which *name* is sorted, code point by code point."""
    key = folded(name)
    start = next((place for place, letter in enumerate(key) if letter.isalnum()), len(key))
    return key[start:][:SORT_KEY_CHARACTERS]


def letter_of(sort_key: str) -> str:
    """Return where a name is filed: ``A`` to ``Z``, ``0-9``, ``#``, or its own script's letter."""
    first = sort_key[:1]
    if not first:
        return OTHERS
    if first.isascii():
        return DIGITS if first.isdigit() else first.upper()
    # Only where the way back is the same: two letters filed as one would be torn apart by sorting.
    return first.upper() if first.upper().casefold() == first else first


def initials_of(name: str) -> str:
    """Return the first letters of the first two words."""
    words = re.findall(r"[^\W_]+", name)
    return "".join(word[0] for word in words[:2]).upper()


def search_text_of(names: list[str]) -> str:
    """Return what a search looks into: every name a company has, folded, one a line."""
    return "\n".join(dict.fromkeys(folded(name) for name in names))


def _ascii_digits(word: str) -> str:
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in word
    )

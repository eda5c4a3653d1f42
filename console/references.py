"""References as people type them: in any case, with or without dashes, read from paper."""

import re

from audit.trail import REFERENCE_ALPHABET

_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
"""Letters that Crockford's base32 leaves out, and what they were before somebody read them out."""

_LETTERS = re.compile(rf"[{REFERENCE_ALPHABET}]{{8}}")


def reference_in(typed: str) -> str | None:
    """Return the reference that *typed* is, as ``FY-7F3K-92QD``, or ``None``."""
    letters = re.sub(r"[\s–—-]", "", typed).upper()
    letters = letters.removeprefix("FY").translate(_MISREAD)
    if not _LETTERS.fullmatch(letters):
        return None
    return f"FY-{letters[:4]}-{letters[4:]}"

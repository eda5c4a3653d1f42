"""The one strict reader for JSON that a provider wrote: RFC 8259, with nothing left to chance."""

import json
import math

DOCUMENT_BYTES = 256 * 1024
"""What a provider's document may weigh: real ones stay below 20 kB, certificates included."""

NESTING = 32
"""How deep a document may nest: what is read here is written and compared again further up the
stack, where a deeper one could exhaust it."""


class DocumentError(ValueError):
    """The document is not JSON that two readers would understand alike.

    Its text says why, and holds nothing of the document.
    """


def read_json_object(document: bytes, *, limit: int = DOCUMENT_BYTES) -> dict[str, object]:
    """Return the members of the JSON object that is the whole of *document*.

    Raises ``DocumentError`` for more than *limit* bytes, anything but UTF-8 without a byte order
    mark, a member that occurs twice, ``NaN`` and other numbers that are none, deep nesting, and
    text that PostgreSQL cannot store.
    """
    if len(document) > limit:
        raise DocumentError("too large")
    try:
        value = json.loads(
            document.decode(),
            object_pairs_hook=_members,
            parse_float=_finite,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise DocumentError("not UTF-8") from error
    except RecursionError as error:
        raise DocumentError("nested too deeply") from error
    except DocumentError:
        raise
    except ValueError as error:
        raise DocumentError("not JSON") from error
    if not isinstance(value, dict):
        raise DocumentError("not a JSON object")
    _refuse_what_cannot_be_kept(value)
    return value


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # Readers differ on which of two members of one name they believe. A token verified by one
    # and consumed by another would then say two things.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise DocumentError("a member occurs twice")
    return members


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise DocumentError("a number is too large")
    return number


def _refuse_constant(literal: str) -> None:
    raise DocumentError(f"{literal} is no number")


def _refuse_what_cannot_be_kept(document: dict[str, object]) -> None:
    level: list[object] = [document]
    for _ in range(NESTING):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise DocumentError("nested too deeply")


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list):
        return value
    # PostgreSQL keeps neither U+0000 nor half of a surrogate pair, both of which JSON can escape.
    if isinstance(value, str) and ("\0" in value or not _is_encodable(value)):
        raise DocumentError("a text holds what is no character")
    return []


def _is_encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)

"""The members of a JSON object: which are known, and what type each has."""

import difflib
import json
from collections.abc import Callable, Mapping
from datetime import date

from django.core.exceptions import ValidationError

from partners.files.problems import Problems
from partners.rules import require_plain_text

Reader = Callable[[object], object]
"""Returns the value as we keep it, or raises ``UnfitError``."""


class UnfitError(ValueError):
    """The value is of another type; the text says which one is expected."""


def members_of(
    raw: object, readers: Mapping[str, Reader], *, path: str, problems: Problems
) -> dict[str, object]:
    """Return the members of *raw* that are there and fit; ``null`` stays ``None``.

    What is unknown or does not fit is noted in *problems*.
    """
    if not isinstance(raw, dict):
        problems.add(path or "file", "must be an object")
        return {}
    members: dict[str, object] = {}
    for key, value in raw.items():
        reader = readers.get(key)
        if reader is None:
            problems.add(_joined(path, key), _unknown(key, readers))
            continue
        try:
            members[key] = None if value is None else reader(value)
        except UnfitError as error:
            problems.add(_joined(path, key), str(error))
    return members


def text(value: object) -> str:
    """Return a text that can be stored and shown."""
    if not isinstance(value, str):
        raise UnfitError("must be a text")
    try:
        require_plain_text(value)
    except ValidationError as error:
        raise UnfitError(" ".join(error.messages)) from error
    return value


def texts(value: object) -> list[str]:
    """Return a list of texts."""
    if not isinstance(value, list):
        raise UnfitError("must be a list of texts")
    return [text(one) for one in value]


def truth(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise UnfitError("must be true or false")
    return value


def whole_number(value: object) -> int:
    """Return a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnfitError("must be a whole number")
    return value


def day(value: object) -> date:
    """Return a date written as ``2027-06-30``."""
    try:
        return date.fromisoformat(text(value))
    except ValueError as error:
        raise UnfitError("must be a date such as 2027-06-30") from error


def as_it_is(value: object) -> object:
    """Return the value for somebody else to judge."""
    return value


def _joined(path: str, key: str) -> str:
    # Keys are shown in a terminal: nothing in one may move its cursor.
    shown = key if key.isidentifier() and key.isascii() else json.dumps(key[:100])
    return f"{path}.{shown}" if path else shown


def _unknown(key: str, readers: Mapping[str, Reader]) -> str:
    near = difflib.get_close_matches(key[:100], readers, n=1)
    return f"unknown key; did you mean {near[0]}?" if near else "unknown key"

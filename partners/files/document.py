"""From the text of a file to JSON, stricter than Python's own reader."""

import json

from partners.files.problems import PartnerFileError


def json_of(raw: bytes) -> object:
    """Return the JSON document *raw*; raises ``PartnerFileError``.

    A key that stands twice in an object is refused, because the second would win unseen, and so
    are ``NaN`` and ``Infinity``, which are no JSON.
    """
    try:
        return json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_object_of,
            parse_constant=_refused,
        )
    except UnicodeDecodeError as error:
        raise PartnerFileError(["file: not UTF-8"]) from error
    except RecursionError as error:
        raise PartnerFileError(["file: nested too deeply"]) from error
    except ValueError as error:
        raise PartnerFileError([f"file: not JSON: {error}"]) from error


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members: dict[str, object] = {}
    for key, value in pairs:
        if key in members:
            raise PartnerFileError([f"file: the key {key!r} stands twice in one object"])
        members[key] = value
    return members


def _refused(constant: str) -> object:
    raise PartnerFileError([f"file: {constant} is no JSON"])

"""HTTP as the endpoints see it: a request that was read, an answer that will be written."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

MAX_PARAMETERS = 100


class Parameters:
    """The parameters of one message, with their repetitions."""

    def __init__(self, encoded: str) -> None:
        """Decode a query or a form body; raises ``ValueError`` when there are too many."""
        self.pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
        counted = Counter(name for name, _ in self.pairs)
        self.duplicated = frozenset(name for name, count in counted.items() if count > 1)
        self._values = dict(self.pairs)

    def value(self, name: str) -> str | None:
        """Return the parameter, or None: one without a value is omitted, RFC 6749, section 3.1."""
        return self._values.get(name) or None

    def all(self) -> dict[str, list[str]]:
        """Return every parameter with all its values."""
        values: dict[str, list[str]] = {}
        for name, value in self.pairs:
            values.setdefault(name, []).append(value)
        return values


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request; *path* is what follows the issuer, header names are lower-case."""

    method: str
    path: str
    query_string: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def query(self) -> Parameters:
        """The parameters of the address."""
        return Parameters(self.query_string)

    @cached_property
    def form(self) -> Parameters:
        """The parameters of the body, none when it is not a form."""
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_form = media_type == "application/x-www-form-urlencoded"
        return Parameters(self.body.decode(errors="replace") if is_form else "")

    def cookie(self, name: str) -> str:
        """Return a cookie's value, or nothing."""
        try:
            cookies = SimpleCookie(self.headers.get("cookie", ""))
        except CookieError:
            return ""
        return cookies[name].value if name in cookies else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: bytes, or what an endpoint says, as JSON or as the query of a redirect.

    What is *said* stays a mapping until it is written, so that a fault can change it. A list
    among the values of a redirect repeats that parameter.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    said: Mapping[str, object] | None = None
    redirect_to: str = ""

    def written(self) -> tuple[dict[str, str], bytes]:
        """Return the headers and the body."""
        if self.redirect_to:
            location = with_query(self.redirect_to, self.said or {})
            return {"Cache-Control": "no-store", **self.headers, "Location": location}, self.body
        if self.said is not None:
            headers = {"Content-Type": "application/json", **self.headers}
            return headers, self.body or json.dumps(self.said).encode()
        return dict(self.headers), self.body


NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def with_query(uri: str, parameters: Mapping[str, object]) -> str:
    """Return *uri* with *parameters* added to its query."""
    pairs = [
        (name, str(single))
        for name, value in parameters.items()
        for single in (
            value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
        )
    ]
    if not pairs:
        return uri
    return f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(pairs)}"


def with_cookie(answer: Answer, name: str, value: str, *, path: str) -> Answer:
    """Return *answer* with a session cookie set below *path*, or deleted when *value* is empty."""
    age = "" if value else "; Max-Age=0"
    cookie = f"{name}={value}; Path={path}; HttpOnly; SameSite=Lax{age}"
    return replace(answer, headers={**answer.headers, "Set-Cookie": cookie})

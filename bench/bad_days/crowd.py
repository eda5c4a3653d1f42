"""People who go on signing in whatever happens, and what became of each."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.browser import Browser, HungUpError, Person, UnexpectedAnswerError, WalkError, Wire
from federation.oidc.errors import Reason

SORRY = "Try again in a few minutes"
"""What the portal's own page for a fault says."""

ENDS_SECONDS = 60.0
"""How long the last ones may take: more is a browser that nobody answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One person's way in, which took so many *seconds*.

    *stopped_by* is a status with a reason or with ``sorry``, or how the connection ended; it is
    empty for somebody who was let in. *is_wrong* where the portal then named somebody else.
    """

    person: Person
    seconds: float
    stopped_by: str = ""
    is_wrong: bool = False
    has_token: bool = False
    cookies: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_let_in(self) -> bool:
        """Whether the person is in."""
        return not self.stopped_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where people go: how a browser reaches the portal, and where their providers are."""

    portal: Callable[[], Wire]
    providers: str


class Crowd:
    """Browsers that sign in as one of *people* after the other, each time as a new browser.

    Together they begin *per_second* times, or with 0 as often as they can.
    """

    def __init__(
        self,
        door: Door,
        people: Sequence[Person],
        *,
        browsers: int,
        per_second: float = 0,
    ) -> None:
        self.visits: list[Visit] = []
        self._door = door
        self._people = people
        self._interval = 1 / per_second if per_second else 0
        self._browsers = browsers
        self._turns = itertools.count()
        self._began = 0.0
        self._is_over = threading.Event()

    @contextmanager
    def signing_in(self) -> Iterator["Crowd"]:
        """Have them sign in until the block ends."""
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self._browsers)]
        self._began = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join(ENDS_SECONDS)

    def during(self, seconds: float) -> list[Visit]:
        """Wait so long, and return the visits that have ended meanwhile."""
        seen = len(self.visits)
        self._is_over.wait(seconds)
        return self.visits[seen:]

    def _work(self) -> None:
        for turn in self._turns:
            starts_in = self._began + turn * self._interval - time.monotonic()
            if self._is_over.wait(max(0.0, starts_in) if self._interval else 0):
                return
            self.visits.append(visit(self._door, self._people[turn % len(self._people)]))


def visit(door: Door, person: Person) -> Visit:
    """Return what becomes of *person* in a new browser, who then asks the portal's name for it."""
    providers = Wire(door.providers)
    browser = Browser(door.portal(), providers=providers)
    began = time.monotonic()
    seconds = None
    try:
        browser.sign_in(person)
        seconds = time.monotonic() - began
        said = json.loads(browser.get("/api/session/", expected=200).body)
    except (WalkError, OSError) as error:
        return Visit(person=person, seconds=time.monotonic() - began, stopped_by=_in_words(error))
    finally:
        browser.portal.close()
        providers.close()
    is_wrong = (said["email"], said["partner"]["slug"]) != (person.email, person.partner)
    return Visit(
        person=person,
        seconds=seconds,
        is_wrong=is_wrong,
        has_token=bool(said["token"]),
        cookies=browser.cookies,
    )


def _in_words(error: WalkError | OSError) -> str:
    if isinstance(error, HungUpError | OSError):
        return "connection lost"
    if not isinstance(error, UnexpectedAnswerError):
        return str(error)
    text = error.answer.body.decode()
    reasons = [reason for reason in Reason if f">{reason}<" in text]
    word = reasons[0] if reasons else "sorry" if SORRY in text else "without a word"
    return f"{error.answer.status} {word}"

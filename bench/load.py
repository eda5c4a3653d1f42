"""``python -m bench.load``: many browsers at once, told on standard input what to do.

One line comes in, a ``Plan`` as JSON; one line goes out, what came of it as an ``Outcome``.
"""

import itertools
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from bench.browser import Browser, Person, WalkError, Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the browsers do: sign in as one person after the other, or ask for one page.

    They do it for so many *seconds*, or, with 0, once for each of *people*. A *page* is asked for
    on kept connections, with the *cookies* of somebody's sign-in or none.
    """

    portal: str
    providers: str
    people: Sequence[Person]
    browsers: int
    seconds: float = 0
    page: str = ""
    page_status: int = 200
    cookies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How long each took, what went wrong how often, and how long all took together.

    *cookies* are those of the last one that signed in.
    """

    milliseconds: list[float] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    seconds: float = 0
    body_bytes: int = 0
    cookies: dict[str, str] = field(default_factory=dict)


def outcome_of(plan: Plan) -> Outcome:
    """Return what comes of *plan*, carried out by a process of its own."""
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(
        command, input=json.dumps(asdict(plan)), capture_output=True, text=True, check=True
    )
    return Outcome(**json.loads(done.stdout))


class Crowd:
    """The browsers of one plan, a thread for each that is open at a time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        # Advancing an iterator is one step for the interpreter: threads may share these.
        self._turns = itertools.count()
        self._milliseconds: list[float] = []
        self._failures: Counter[str] = Counter()
        self._body_bytes = 0
        self._cookies: dict[str, str] = {}
        self._ends = 0.0

    def outcome(self) -> Outcome:
        """Return what has come of the plan."""
        began = time.monotonic()
        self._ends = began + self._plan.seconds
        work = self._ask_for_page if self._plan.page else self._sign_in
        threads = [threading.Thread(target=work) for _ in range(self._plan.browsers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Outcome(
            milliseconds=self._milliseconds,
            failures=dict(self._failures),
            seconds=time.monotonic() - began,
            body_bytes=self._body_bytes,
            cookies=self._cookies,
        )

    def _sign_in(self) -> None:
        plan = self._plan
        providers = Wire(plan.providers)
        for person in self._people():
            browser = Browser(plan.portal, providers=providers)
            began = time.perf_counter()
            try:
                browser.sign_in(person)
            except (WalkError, OSError) as error:
                self._failures[str(error)] += 1
            else:
                self._milliseconds.append((time.perf_counter() - began) * 1000)
                self._cookies = browser.cookies
            browser.portal.close()
        providers.close()

    def _ask_for_page(self) -> None:
        plan = self._plan
        browser = Browser(plan.portal, providers=Wire(plan.providers))
        browser.cookies = dict(plan.cookies)
        for _ in self._people():
            began = time.perf_counter()
            try:
                answer = browser.get(plan.page, expected=plan.page_status)
            except (WalkError, OSError) as error:
                self._failures[str(error)] += 1
                continue
            self._milliseconds.append((time.perf_counter() - began) * 1000)
            self._body_bytes = len(answer.body)

    def _people(self) -> Iterator[Person]:
        people = self._plan.people
        for turn in self._turns:
            is_over = time.monotonic() >= self._ends if self._plan.seconds else turn >= len(people)
            if is_over:
                return
            yield people[turn % len(people)]


def main() -> None:
    told = json.loads(sys.stdin.read())
    people = [Person(**person) for person in told.pop("people")]
    outcome = Crowd(Plan(**told, people=people)).outcome()
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()

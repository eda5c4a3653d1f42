"""What is measured, in which order. It needs Django's settings before it is imported."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.browser import Person
from bench.companies import BUSY, FRESH, person_of, write_partner_file
from bench.filling import LISTED, fill_up, import_partners
from bench.inside import statements_of_page, statements_of_sign_in
from bench.load import Plan, outcome_of
from bench.measurements import Measurement, measured
from bench.stack import Stack

BROWSERS = 8
"""As many as keep two workers busy without queueing for long."""

MANY_BROWSERS = 32
SLOW_SECONDS = 0.05
"""How long a provider takes to answer that is well, and some countries away."""

WARM_UP_BROWSERS = 16
"""Enough for each worker to see some of them, whichever accepts more."""

WARM_UP_SECONDS = 1.0

FRESH_PER_SECOND = 20
"""Partners that are tried once each for a second of other measurements, up to ``FRESH``."""

ROUNDS = 4
"""How often people sign in until it is likely that each worker has met their partner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run of the benchmark: what runs, and for how many seconds each measurement lasts.

    People sign in at *busy* of the partners.
    """

    stack: Stack
    seconds: float
    busy: int

    def sign_ins(self, numbers_of_partners: Iterable[int]) -> Iterator[Measurement]:
        """Measure sign-ins with so many partners, between those at a bare relying party.

        It shows how fast the machine was, before and afterwards.
        """
        self._import([0])
        yield self._bare("a bare relying party")
        yield from map(self.sign_ins_at, numbers_of_partners)
        yield self._bare("the same, afterwards")

    def sign_ins_at(self, partners: int) -> Measurement:
        """Measure sign-ins of people who have been here before, with *partners* in all."""
        busy = range(min(partners, self.busy))
        self._import(busy)
        fill_up(partners, providers=self.stack.providers)
        statements = statements_of_sign_in(person_of(0), providers=self.stack.providers)
        with self.stack.running_portal() as portal:
            self._warm_up(busy)
            return measured(
                f"{partners:,} partner{'s' if partners > 1 else ''}",
                self._sign_ins(_people(busy)),
                stack=self.stack,
                portal=portal,
                statements=statements,
            )

    def cold_and_warm(self) -> Iterator[Measurement]:
        """Measure sign-ins at partners where nobody has signed in yet, then at the same ones again.

        The first person of a partner is a new one as well; so are those of the second line.
        """
        count = max(1, min(FRESH, round(FRESH_PER_SECOND * self.seconds)))
        fresh = range(BUSY, BUSY + count)
        self._import(fresh)
        ana, ben = ([person_of(number, name) for number in fresh] for name in ("ana", "ben"))
        with self.stack.running_portal() as portal:
            self._warm_up(range(self.busy))
            yield self._once("cold partner, new person", ana, portal)
            for _ in range(ROUNDS):
                outcome_of(self._plan(ana))
            yield self._once("warm partner, new person", ben, portal)
            yield self._once("warm partner, known person", ana, portal)
        with self.stack.running_portal() as portal:
            self._warm_up(range(self.busy))
            yield self._once("the same, restarted", ana, portal)

    def slow_providers(self) -> Iterator[Measurement]:
        """Measure sign-ins of many at once whose providers take their time.

        Those at a bare relying party come first, and show what this machine can do.
        """
        with self.stack.running_portal("bench.bare") as portal:
            yield self._slowed("a bare relying party", range(1), portal)
        with self.stack.running_portal() as portal:
            for busy in (self.busy, 1):
                name = f"{busy} provider{'s' if busy > 1 else ''}"
                yield self._slowed(name, range(busy), portal)

    def requests(self) -> Iterator[Measurement]:
        """Measure what is asked for before a sign-in, and after one."""
        fill_up(BUSY + FRESH + LISTED, providers=self.stack.providers)
        statements = statements_of_page("/login/")
        with self.stack.running_portal() as portal:
            self._warm_up(range(self.busy))
            cookies = outcome_of(self._plan(_people([0]))).cookies
            for name, plan, counted in (
                (f"/login/, {LISTED:,} listed", self._requests("/login/"), statements),
                ("/, signed in", self._requests("/", cookies=cookies), None),
                ("/api/session/", self._requests("/api/session/", cookies=cookies), None),
                ("/api/authorize/", self._requests("/api/authorize/", 204, cookies=cookies), None),
            ):
                outcome_of(plan)
                yield measured(name, plan, stack=self.stack, portal=portal, statements=counted)

    def _bare(self, name: str) -> Measurement:
        with self.stack.running_portal("bench.bare") as portal:
            self._warm_up([0])
            return measured(name, self._sign_ins(_people([0])), stack=self.stack, portal=portal)

    def _slowed(self, name: str, numbers: Sequence[int], portal: int) -> Measurement:
        self._warm_up(numbers)
        self.stack.delay_providers(SLOW_SECONDS)
        name = f"{name}, {SLOW_SECONDS * 1000:.0f} ms away"
        plan = self._sign_ins(_people(numbers), browsers=MANY_BROWSERS)
        slowed = measured(name, plan, stack=self.stack, portal=portal)
        self.stack.delay_providers(0)
        return slowed

    def _import(self, numbers: Sequence[int]) -> None:
        file = self.stack.directory / "imported.json"
        write_partner_file(file, numbers, providers=self.stack.providers)
        import_partners(file)

    def _warm_up(self, numbers: Sequence[int]) -> None:
        people = _people(numbers)
        for seconds in (0, min(self.seconds, WARM_UP_SECONDS)):
            outcome_of(self._plan(people, browsers=WARM_UP_BROWSERS, seconds=seconds))

    def _once(self, name: str, people: Sequence[Person], portal: int) -> Measurement:
        return measured(name, self._plan(people), stack=self.stack, portal=portal)

    def _sign_ins(self, people: Sequence[Person], *, browsers: int = BROWSERS) -> Plan:
        return self._plan(people, browsers=browsers, seconds=self.seconds)

    def _plan(
        self, people: Sequence[Person], *, browsers: int = BROWSERS, seconds: float = 0
    ) -> Plan:
        return Plan(
            portal=self.stack.portal,
            providers=self.stack.providers,
            people=people,
            browsers=browsers,
            seconds=seconds,
        )

    def _requests(
        self, page: str, status: int = 200, *, cookies: Mapping[str, str] | None = None
    ) -> Plan:
        plan = self._sign_ins(_people([0]))
        return replace(plan, page=page, page_status=status, cookies=cookies or {})


def _people(numbers: Sequence[int]) -> list[Person]:
    return [person_of(number, name) for number in numbers for name in ("ana", "ben")]

"""What a day did, what it measured, and whether its promises were kept."""

from collections import Counter
from collections.abc import Iterable

from bench.bad_days.crowd import Visit
from bench.measurements import percentile


class Report:
    """Prints as the day goes on, and remembers whether a promise was broken."""

    def __init__(self, day: str) -> None:
        self.day = day
        self.is_broken = False

    def says(self, text: str) -> None:
        """Print one line."""
        print(f"  {text}", flush=True)

    def visits(self, when: str, visits: Iterable[Visit]) -> float:
        """Print what became of *visits* and return the 95th percentile of milliseconds.

        It is of those who were let in, and 0 when nobody was.
        """
        visits = list(visits)
        milliseconds = [visit.seconds * 1000 for visit in visits if visit.is_let_in]
        p50, p95 = (percentile(milliseconds, n) if milliseconds else 0.0 for n in (50, 95))
        text = f"{when}: {len(milliseconds)} let in, p50 {p50:.0f} ms, p95 {p95:.0f} ms"
        stopped = Counter(visit.stopped_by for visit in visits if not visit.is_let_in)
        self.says(", ".join([text, *(f"{n} x {by}" for by, n in stopped.most_common())]))
        return p95

    def promise(self, text: str, *, held: bool) -> None:
        """Print whether a promise *held*."""
        self.is_broken = self.is_broken or not held
        self.says(f"{'kept' if held else 'BROKEN'}: {text}")

    def promise_of_p95(self, during: float, *, usual: float) -> None:
        """Print whether others waited at most 1.5 times as long as they usually do."""
        times = during / usual if usual else float("inf")
        self.promise(f"the others' p95 is {times:.2f} times what it was (1.5)", held=times <= 1.5)

    def promise_of_pages(self, visits: Iterable[Visit], *pages: str) -> None:
        """Print whether all *visits* were let in, or stopped by one of these *pages*."""
        stopped = {visit.stopped_by for visit in visits if not visit.is_let_in}
        others = ", ".join(sorted(stopped - set(pages)))
        text = f"nobody is stopped but by: {', '.join(pages)}" if pages else "everybody is let in"
        self.promise(f"{text}; but {others}" if others else text, held=not others)

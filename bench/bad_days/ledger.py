"""What the database says about everybody who came on a day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bench.bad_days.crowd import Visit
from bench.bad_days.report import Report
from bench.bad_days.world import World

HALF_MADE = (
    (
        "SELECT count(*) FROM people_user u WHERE partner_id IS NOT NULL AND NOT EXISTS"
        " (SELECT FROM people_federatedlogin l WHERE l.user_id = u.id)"
    ),
    "SELECT count(*) FROM people_session WHERE partner_id IS NOT NULL AND user_id IS NULL",
    "SELECT count(*) - count(DISTINCT identity_id) FROM tokens_developeridentity",
)
"""People who have no login, sessions that have no person, people who share an identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The books of one day, opened at its beginning."""

    world: World
    opened_at: datetime

    @classmethod
    def opened(cls, world: World) -> "Ledger":
        """Return the books, by the database's own clock."""
        ((now,),) = world.rows("SELECT now()")
        return cls(world=world, opened_at=now)

    def promise(self, report: Report, visits: Iterable[Visit]) -> None:
        """Print whether nobody was taken for somebody else, and nothing was lost or half made."""
        visits = list(visits)
        wrong = sum(visit.is_wrong for visit in visits)
        report.promise(f"nobody is taken for somebody else ({wrong})", held=not wrong)
        lost = self._missing_rows(visits)
        report.promise(
            f"everybody who is in has a row in the trail and a session ({lost} are missing)",
            held=not lost,
        )
        half_made = self._half_made()
        report.promise(f"nothing is half made ({half_made})", held=not half_made)

    def _missing_rows(self, visits: list[Visit]) -> int:
        let_in = Counter(visit.person.email for visit in visits if visit.is_let_in)
        recorded = self._counts(
            "SELECT email, count(*) FROM audit_event"
            " WHERE what = 'login.succeeded' AND at >= %s GROUP BY email"
        )
        sessions = self._counts(
            "SELECT u.email, count(*) FROM people_session s JOIN people_user u ON u.id = s.user_id"
            " WHERE s.started_at >= %s GROUP BY u.email"
        )
        return (let_in - recorded).total() + (let_in - sessions).total()

    def _counts(self, query: str) -> Counter[str]:
        return Counter(dict(self.world.rows(query, self.opened_at)))

    def _half_made(self) -> int:
        return sum(int(count) for query in HALF_MADE for ((count,),) in [self.world.rows(query)])

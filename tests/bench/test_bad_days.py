"""``make bad-days``, two days of it as briefly as they go: what they measure means nothing then."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.bad_days.__main__ import DAYS
from bench.bad_days.crowd import Visit
from bench.bad_days.redis_server import Counts
from bench.bad_days.report import Report
from bench.browser import Person

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 240
ANA = Person(partner="acme", email="ana@acme.example")

pytestmark = pytest.mark.xdist_group("bench")


def test_lives_through_days_and_keeps_what_is_promised():
    command = [sys.executable, "-m", "bench.bad_days", "two_portals", "worker_killed"]

    run = subprocess.run(
        [*command, "--seconds", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("kept: nobody is taken for somebody else (0)") == 2
    assert all(int(count) > 0 for count in re.findall(r"(\d+) let in", run.stdout))


def test_a_day_that_nobody_knows_is_refused():
    command = [sys.executable, "-m", "bench.bad_days", "doomsday"]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 2
    assert "no such day: doomsday" in run.stderr


@pytest.mark.parametrize("day", DAYS)
def test_every_day_has_a_module(day):
    assert (ROOT / "bench" / "bad_days" / f"{day}.py").is_file()


@pytest.mark.parametrize(
    ("stopped_by", "is_broken"), [("", False), ("500 sorry", False), ("connection lost", True)]
)
def test_a_page_that_was_not_promised_breaks_the_promise(capsys, stopped_by, is_broken):
    report = Report("a day")

    report.promise_of_pages([Visit(person=ANA, seconds=0.1, stopped_by=stopped_by)], "500 sorry")

    assert report.is_broken is is_broken
    assert ("BROKEN" in capsys.readouterr().out) is is_broken


@pytest.mark.parametrize(("during", "is_broken"), [(150, False), (151, True)])
def test_others_may_wait_half_as_long_again(during, is_broken):
    report = Report("a day")

    report.promise_of_p95(during, usual=100)

    assert report.is_broken is is_broken


def test_the_redis_of_a_day_counts_as_the_script_would():
    counts = Counts()

    added = [counts.answer([b"EVALSHA", b"0", b"1", b"key", b"60", b"1"]) for _ in range(2)]

    assert added == [b":1\r\n", b":2\r\n"]
    assert counts.answer([b"GET", b"key"]) == b"$1\r\n2\r\n"
    assert counts.answer([b"GET", b"another"]) == b"$-1\r\n"

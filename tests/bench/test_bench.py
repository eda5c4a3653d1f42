"""``make bench``, as briefly as it goes: the figures mean nothing then, but all are measured."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.measurements import percentile

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 240

pytestmark = pytest.mark.xdist_group("bench")


@pytest.fixture(scope="module")
def printed():
    command = [sys.executable, "-m", "bench", "--seconds", "0.2", "--partners", "2"]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def line_of(printed, name):
    (line,) = [line for line in printed.splitlines() if line.startswith(f"{name}  ")]
    return re.findall(r"[\d.]+", line.removeprefix(name).replace(",", ""))


@pytest.mark.parametrize(
    "name",
    [
        *("a bare relying party", "2 partners", "cold partner, new person", "the same, restarted"),
        *("a bare relying party, 50 ms away", "2 providers, 50 ms away"),
    ],
)
def test_prints_what_a_sign_in_costs(printed, name):
    count, _, _, _, portal_ms, _, both_ms, *_ = map(float, line_of(printed, name))

    assert count >= 1
    assert 0 < portal_ms <= both_ms


def test_prints_the_statements_of_a_sign_in_and_the_size_of_the_page(printed):
    statements = float(line_of(printed, "2 partners")[7])
    kilobytes = float(line_of(printed, "/login/, 1,184 listed")[8])

    assert 1 <= statements <= 10
    assert kilobytes <= 60


def test_prints_tables_and_no_log(printed):
    assert "{" not in printed


def test_prints_how_fast_id_tokens_are_verified(printed):
    per_second, milliseconds = map(float, line_of(printed, "ES256"))

    assert per_second > 0
    assert milliseconds > 0


@pytest.mark.parametrize(("percent", "expected"), [(50, 2), (75, 3), (95, 4), (100, 4)])
def test_a_percentile_is_one_of_the_values(percent, expected):
    assert percentile([4, 1, 3, 2], percent) == expected

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tokens.breaker import Breaker, some_seconds

PAUSE = 20.0


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock=clock, pause=lambda: PAUSE)


def fail(breaker, times):
    for _ in range(times):
        breaker.failed()


def test_permits_calls_while_nothing_is_known(breaker):
    assert breaker.permit()


def test_permits_calls_after_four_failures_in_a_row(breaker):
    fail(breaker, 4)

    assert breaker.permit()


def test_opens_after_five_failures_in_a_row(breaker):
    fail(breaker, 5)

    assert not breaker.permit()


def test_a_success_begins_the_row_anew(breaker):
    fail(breaker, 4)
    breaker.succeeded()
    fail(breaker, 4)

    assert breaker.permit()


def test_opens_when_half_of_twenty_calls_fail(breaker):
    for _ in range(9):
        breaker.failed()
        breaker.succeeded()
    breaker.succeeded()
    assert breaker.permit()

    breaker.failed()

    assert not breaker.permit()


def test_does_not_judge_a_share_of_fewer_than_twenty_calls(breaker):
    for _ in range(9):
        breaker.failed()
        breaker.succeeded()
    breaker.failed()

    assert breaker.permit()


def test_does_not_open_when_fewer_than_half_of_twenty_calls_fail(breaker):
    for _ in range(20):
        breaker.failed()
        breaker.succeeded()
        breaker.succeeded()

    assert breaker.permit()


def test_stays_open_until_the_pause_is_over(breaker, clock):
    fail(breaker, 5)
    clock.now += PAUSE - 0.1

    assert not breaker.permit()


def test_permits_one_call_after_the_pause(breaker, clock):
    fail(breaker, 5)
    clock.now += PAUSE

    assert [breaker.permit() for _ in range(3)] == [True, False, False]


def test_closes_when_that_call_succeeds(breaker, clock):
    fail(breaker, 5)
    clock.now += PAUSE
    breaker.permit()

    breaker.succeeded()

    assert [breaker.permit() for _ in range(3)] == [True, True, True]


def test_opens_for_another_pause_when_that_call_fails(breaker, clock):
    fail(breaker, 5)
    clock.now += PAUSE
    breaker.permit()
    clock.now += 10

    breaker.failed()

    clock.now += PAUSE - 0.1
    assert not breaker.permit()
    clock.now += 0.1
    assert breaker.permit()


def test_is_not_stuck_when_nobody_tells_how_that_call_went(breaker, clock):
    fail(breaker, 5)
    clock.now += PAUSE
    breaker.permit()

    clock.now += PAUSE

    assert breaker.permit()


def test_forgets_the_outage_when_it_is_over(breaker, clock):
    for _ in range(10):
        breaker.succeeded()
    fail(breaker, 5)
    clock.now += PAUSE
    breaker.permit()
    breaker.succeeded()

    fail(breaker, 4)
    breaker.succeeded()
    fail(breaker, 1)

    assert breaker.permit()


def test_one_of_many_threads_gets_the_call_after_the_pause(breaker, clock):
    fail(breaker, 5)
    clock.now += PAUSE
    together = threading.Barrier(20)

    def ask(_):
        together.wait()
        return breaker.permit()

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(ask, range(20)))

    assert answers.count(True) == 1


def test_leaves_a_service_alone_for_a_time_that_differs():
    pauses = {some_seconds() for _ in range(200)}

    assert len(pauses) > 100
    assert all(15 <= pause <= 30 for pause in pauses)

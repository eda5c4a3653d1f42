import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from federation.capacity import AtCapacityError, Capacity


def calls_under_way(capacity, key, number):
    """Return calls that last until the stack is closed."""
    stack = ExitStack()
    for _ in range(number):
        stack.enter_context(capacity.of(key))
    return stack


def test_refuses_a_call_at_once_when_all_under_way_hang():
    capacity = Capacity(2, hangs_after=0.05)

    with calls_under_way(capacity, "contoso", 2):
        time.sleep(0.06)
        began = time.monotonic()
        with pytest.raises(AtCapacityError), capacity.of("contoso"):
            pass

    assert time.monotonic() - began < 0.04


def test_one_key_takes_nothing_from_another():
    capacity = Capacity(1, hangs_after=0)

    with capacity.of("contoso"), capacity.of("brightwater"):
        pass


def test_several_that_hang_have_no_more_calls_together_than_one_may_have():
    capacity = Capacity(4, hangs_after=0.05)

    with calls_under_way(capacity, "contoso", 2), calls_under_way(capacity, "fabrikam", 2):
        time.sleep(0.06)
        began = time.monotonic()
        with pytest.raises(AtCapacityError), capacity.of("contoso"):
            pass
        seconds = time.monotonic() - began
        with capacity.of("brightwater"):
            pass

    assert seconds < 0.04


def test_a_call_that_ended_makes_room():
    capacity = Capacity(1, hangs_after=0)

    for _ in range(3):
        with capacity.of("contoso"):
            pass


def test_a_call_that_failed_makes_room():
    capacity = Capacity(1, hangs_after=0)

    with pytest.raises(RuntimeError), capacity.of("contoso"):
        raise RuntimeError

    with capacity.of("contoso"):
        pass


def test_a_call_waits_until_those_under_way_turn_out_to_hang():
    capacity = Capacity(1, hangs_after=0.2)

    with capacity.of("contoso"):
        began = time.monotonic()
        with pytest.raises(AtCapacityError), capacity.of("contoso"):
            pass

    assert 0.15 < time.monotonic() - began < 2


def test_a_burst_at_a_provider_that_answers_goes_through_within_the_limit():
    capacity = Capacity(4, hangs_after=2)
    lock = threading.Lock()
    at_once = most = 0

    def call(_):
        nonlocal at_once, most
        with capacity.of("contoso"):
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.01)
            with lock:
                at_once -= 1

    with ThreadPoolExecutor(40) as threads:
        list(threads.map(call, range(40)))

    assert most == 4


def test_one_call_that_hangs_does_not_stop_the_others():
    capacity = Capacity(2, hangs_after=0.05)

    with capacity.of("contoso"):
        time.sleep(0.06)
        for _ in range(3):
            with capacity.of("contoso"):
                pass


def test_a_call_that_waits_begins_as_soon_as_one_of_its_key_ends():
    capacity = Capacity(1, hangs_after=5)
    began = time.monotonic()

    def call(key):
        with capacity.of(key):
            return time.monotonic() - began

    with ThreadPoolExecutor() as threads, capacity.of("contoso"):
        with capacity.of("brightwater"):
            at_contoso = threads.submit(call, "contoso")
            time.sleep(0.05)
            at_brightwater = threads.submit(call, "brightwater")
            time.sleep(0.05)
        waited = at_brightwater.result()
        is_waiting = not at_contoso.done()

    assert waited < 1
    assert is_waiting


def test_a_call_waits_for_a_young_one_beside_one_that_hangs():
    capacity = Capacity(2, hangs_after=0.2)
    began = threading.Event()

    def young():
        with capacity.of("contoso"):
            began.set()
            time.sleep(0.1)

    with ThreadPoolExecutor() as threads, capacity.of("contoso"):
        time.sleep(0.25)
        threads.submit(young)
        began.wait(5)
        with capacity.of("contoso"):
            pass


def test_nobody_waits_for_the_youngest_when_those_before_it_hang():
    capacity = Capacity(3, hangs_after=0.3)

    with calls_under_way(capacity, "contoso", 2):
        time.sleep(0.35)
        with capacity.of("contoso"):
            began = time.monotonic()
            with pytest.raises(AtCapacityError), capacity.of("contoso"):
                pass

    assert time.monotonic() - began < 0.2


def test_a_call_waits_while_others_beside_those_that_hang_are_answered():
    capacity = Capacity(3, hangs_after=0.3)

    with calls_under_way(capacity, "contoso", 2), ThreadPoolExecutor() as threads:
        time.sleep(0.35)
        with capacity.of("contoso"):
            pass
        began = threading.Event()
        threads.submit(_call_for_a_moment, capacity, began)
        began.wait(5)
        with capacity.of("contoso"):
            pass


def _call_for_a_moment(capacity, began):
    with capacity.of("contoso"):
        began.set()
        time.sleep(0.05)


def test_a_call_that_failed_is_no_answer():
    capacity = Capacity(3, hangs_after=0.3)

    with calls_under_way(capacity, "contoso", 2):
        time.sleep(0.35)
        with pytest.raises(RuntimeError), capacity.of("contoso"):
            raise RuntimeError
        with capacity.of("contoso"):
            began = time.monotonic()
            with pytest.raises(AtCapacityError), capacity.of("contoso"):
                pass

    assert time.monotonic() - began < 0.2


def test_remembers_no_key_without_calls():
    capacity = Capacity(1)

    for key in range(1000):
        with capacity.of(key):
            pass

    assert capacity._under_way == {}

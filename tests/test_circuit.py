"""When an engine that fails is left alone: states and times, with a clock of the test's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from voicechat.engines.circuit import OPEN_SECONDS, OPENS_AFTER, Circuit


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    return Circuit(clock)


def fail(circuit: Circuit, times: int = OPENS_AFTER) -> list[bool]:
    """Ask and fail; return whether that opened it, each time."""
    return [circuit.enter() and circuit.failed() for _ in range(times)]


def test_it_opens_with_so_many_failures_in_a_row_and_says_so_once(circuit: Circuit) -> None:
    assert fail(circuit) == [False] * (OPENS_AFTER - 1) + [True]
    assert circuit.is_open and not circuit.enter()
    assert not circuit.failed()  # of who had asked before


def test_a_success_between_failures_begins_the_count_anew(circuit: Circuit) -> None:
    for _ in range(5):
        fail(circuit, OPENS_AFTER - 1)
        assert not circuit.succeeded()
    assert not circuit.is_open and circuit.enter()


@pytest.mark.parametrize("after", [Circuit.left])
def test_what_tells_nothing_of_the_engine_is_not_counted(
    circuit: Circuit, after: Callable[[Circuit], None]
) -> None:
    fail(circuit, OPENS_AFTER - 1)
    for _ in range(10):
        assert circuit.enter()
        after(circuit)
    assert not circuit.is_open
    assert fail(circuit, 1) == [True]


def test_after_its_time_one_tries_it_and_only_one(circuit: Circuit, clock: Clock) -> None:
    fail(circuit)
    clock.seconds += OPEN_SECONDS - 0.1
    assert not circuit.enter()
    clock.seconds += 0.1
    assert [circuit.enter() for _ in range(3)] == [True, False, False]


def test_a_success_closes_it_and_says_so_once(circuit: Circuit, clock: Clock) -> None:
    fail(circuit)
    clock.seconds += OPEN_SECONDS
    assert circuit.enter() and circuit.succeeded() and not circuit.succeeded()
    assert not circuit.is_open
    assert fail(circuit) == [False] * (OPENS_AFTER - 1) + [True]


def test_a_try_that_fails_keeps_it_open_for_as_long_again_and_says_nothing(
    circuit: Circuit, clock: Clock
) -> None:
    fail(circuit)
    clock.seconds += OPEN_SECONDS
    assert fail(circuit, 1) == [False]
    clock.seconds += OPEN_SECONDS - 0.1
    assert not circuit.enter()
    clock.seconds += 0.1
    assert circuit.enter()


def test_a_try_that_was_stopped_leaves_the_next_one_its_own(circuit: Circuit, clock: Clock) -> None:
    fail(circuit)
    clock.seconds += OPEN_SECONDS
    assert circuit.enter()
    circuit.left()
    assert circuit.enter() and not circuit.enter()

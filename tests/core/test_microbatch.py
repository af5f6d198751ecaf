from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from core.microbatch import Busy, Microbatch


class Doubling:
    """Doubles numbers, and holds its first batch until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.is_busy, self.go_on = Event(), Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(sorted(numbers))
        self.is_busy.set()
        assert self.go_on.wait(5)
        if 13 in numbers:
            raise ValueError("unlucky")
        return [2 * number for number in numbers]


def at_once(double: Doubling, numbers: Sequence[int], *, most: int = 10) -> list[int | str]:
    """What each of many threads got: the first begins, the others come while it is busy."""
    batch = Microbatch(double, most=most)

    def call(number: int) -> int | str:
        try:
            return batch(number)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(len(numbers)) as threads:
        first = threads.submit(call, numbers[0])
        assert double.is_busy.wait(5)
        others = [threads.submit(call, number) for number in numbers[1:]]
        while len(batch._waiting) < len(others):
            pass
        double.go_on.set()
        return [one.result(5) for one in (first, *others)]


def test_who_comes_while_others_are_done_goes_with_the_next():
    double = Doubling()
    assert at_once(double, [1, 2, 3, 4]) == [2, 4, 6, 8]
    assert double.batches == [[1], [2, 3, 4]]


def test_alone_a_call_goes_at_once():
    double = Doubling()
    double.go_on.set()
    assert Microbatch(double, most=10)(1) == 2


def test_no_batch_is_larger_than_allowed():
    double = Doubling()
    assert at_once(double, [1, 2, 3, 4, 5, 6], most=2) == [2, 4, 6, 8, 10, 12]
    assert [len(batch) for batch in double.batches] == [1, 2, 2, 1]


def test_an_error_reaches_all_whose_work_it_was_and_nobody_else():
    double = Doubling()
    assert at_once(double, [1, 13, 2]) == [2, "unlucky", "unlucky"]
    assert Microbatch(double, most=10)(4) == 8


def test_an_answer_too_few_is_an_error_and_leaves_nobody_waiting():
    with pytest.raises(ValueError, match="zip"):
        Microbatch(lambda numbers: [], most=10)(1)


def test_who_has_waited_long_enough_leaves_and_is_not_done_later() -> None:
    double = Doubling()
    batch = Microbatch(double, most=10)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(batch, 1)
        assert double.is_busy.wait(5)
        with pytest.raises(Busy):
            batch(2, patience=0.01)
        double.go_on.set()
        assert first.result(5) == 2
    assert batch(3) == 6
    assert double.batches == [[1], [3]]

"""Work that runs one at a time: asked for often, done once, and never forgotten."""

import pytest

from core.agenda import alone

NAME = "test:work"


class Runs:
    """Counts runs; what is asked for during the first is what `meanwhile` does."""

    def __init__(self) -> None:
        self.done = 0
        self.asked_again = 0

    def start(self) -> None:
        alone.run(NAME, self.work, self.again)

    def work(self) -> None:
        self.done += 1

    def again(self) -> None:
        self.asked_again += 1


def test_one_hint_is_under_way_at_a_time(clean_redis: None) -> None:
    assert [alone.mark(NAME) for _ in range(3)] == [True, False, False]
    Runs().start()
    assert alone.mark(NAME)


def test_who_asks_during_a_run_gets_another(clean_redis: None) -> None:
    runs = Runs()
    alone.mark(NAME)

    def meanwhile() -> None:
        runs.work()
        assert alone.mark(NAME)
        runs.start()  # the hint arrives while this run goes on

    alone.run(NAME, meanwhile, runs.again)
    assert (runs.done, runs.asked_again) == (1, 1)


def test_who_asked_before_the_run_looked_is_served_by_it(clean_redis: None) -> None:
    runs = Runs()
    alone.mark(NAME)
    runs.start()
    assert (runs.done, runs.asked_again) == (1, 0)


def test_a_run_that_fails_forgets_nobody(clean_redis: None) -> None:
    runs = Runs()

    def fails() -> None:
        alone.mark(NAME)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        alone.run(NAME, fails, runs.again)
    assert runs.asked_again == 1
    runs.start()
    assert runs.done == 1


def test_without_redis_everybody_runs(no_redis: None) -> None:
    runs = Runs()
    assert [alone.mark(NAME) for _ in range(2)] == [True, True]
    runs.start()
    assert (runs.done, runs.asked_again) == (1, 0)


def test_what_a_run_leaves_to_wait_for_is_out_of_turn(clean_redis: None) -> None:
    runs = Runs()
    rest = alone.run(NAME, lambda: runs.start, runs.again)
    assert rest is not None
    rest()
    assert runs.done == 1

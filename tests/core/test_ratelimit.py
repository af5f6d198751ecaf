from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core import ratelimit, redis
from core.ratelimit import Limiter

API = Limiter("api")


@pytest.fixture(params=["redis", "memory"])
def anywhere(request: pytest.FixtureRequest, settings: Any) -> None:
    """With one worker the fallback grants what Redis would."""
    settings.WORKER_COUNT = 1
    request.getfixturevalue("clean_redis" if request.param == "redis" else "no_redis")
    ratelimit._memory.clear()


@pytest.mark.usefixtures("anywhere")
class TestLimiter:
    def test_a_burst_passes_and_then_it_waits(self) -> None:
        decisions = [API.acquire("k", 1, 3) for _ in range(4)]
        assert [decision.allowed for decision in decisions] == [True, True, True, False]
        assert [decision.remaining for decision in decisions] == [2, 1, 0, 0]
        assert decisions[3].retry_after == pytest.approx(1, abs=0.1)
        assert decisions[3].reset_after == pytest.approx(3, abs=0.1)

    def test_after_the_announced_wait_it_passes(self) -> None:
        assert API.acquire("k", 20, 1).allowed is True
        refused = API.acquire("k", 20, 1)
        assert refused.allowed is False
        time.sleep(refused.retry_after + 0.002)
        assert API.acquire("k", 20, 1).allowed is True

    def test_of_200_at_once_exactly_the_burst_passes(self) -> None:
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: API.acquire("k", 0.01, 10).allowed, range(200)))
        assert sum(answers) == 10

    def test_keys_and_kinds_do_not_share(self) -> None:
        assert API.acquire("a", 0.01, 1).allowed is True
        assert API.acquire("b", 0.01, 1).allowed is True
        assert Limiter("other").acquire("a", 0.01, 1).allowed is True
        assert API.acquire("a", 0.01, 1).allowed is False

    def test_a_cost_passes_whole_or_not_at_all(self) -> None:
        assert API.acquire("k", 0.01, 5, cost=3).allowed is True
        refused = API.acquire("k", 0.01, 5, cost=3)
        assert (refused.allowed, refused.remaining) == (False, 2)
        assert API.acquire("k", 0.01, 5, cost=2).allowed is True

    def test_a_wave_gets_as_many_as_there_are(self) -> None:
        assert API.take("k", rate=10, burst=8, want=5) == (5, 0.0)
        granted, wait = API.take("k", rate=10, burst=8, want=5)
        assert (granted, wait) == (3, pytest.approx(0.1, abs=0.05))
        granted, wait = API.take("k", rate=10, burst=8, want=5)
        assert (granted, wait) == (0, pytest.approx(0.1, abs=0.05))

    def test_wanting_nothing_costs_nothing(self) -> None:
        assert API.take("k", rate=0.01, burst=1, want=0) == (0, 0.0)
        assert API.take("k", rate=0.01, burst=1, want=1) == (1, 0.0)

    def test_over_a_second_no_more_than_rate_and_burst_pass(self) -> None:
        granted, end = 0, time.monotonic() + 0.5
        while time.monotonic() < end:
            count, wait = API.take("k", rate=200, burst=20, want=7)
            granted += count
            time.sleep(min(wait, 0.01))
        assert 100 <= granted <= 125


@pytest.mark.parametrize(("rate", "burst", "cost"), [(0, 1, 1), (1, 0, 0), (1, 1, 2)])
def test_a_limit_that_makes_no_sense_is_an_error(rate: float, burst: int, cost: int) -> None:
    with pytest.raises(ValueError):
        API.acquire("k", rate, burst, cost)


def test_without_redis_each_worker_grants_its_share(no_redis: None, settings: Any) -> None:
    settings.WORKER_COUNT = 4
    ratelimit._memory.clear()
    passed = [API.acquire("k", 8, 20).allowed for _ in range(30)]
    assert sum(passed) == 5
    assert API.acquire("k", 8, 20).retry_after == pytest.approx(0.5, abs=0.1)


def test_a_share_too_small_for_one_still_lets_one_pass(no_redis: None, settings: Any) -> None:
    settings.WORKER_COUNT = 10
    ratelimit._memory.clear()
    assert [API.acquire("k", 1, 2).allowed for _ in range(3)] == [True, False, False]


def test_the_memory_of_the_fallback_is_bounded(
    no_redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratelimit, "MEMORY_KEYS", 100)
    ratelimit._memory.clear()
    for number in range(300):
        API.acquire(str(number), 1, 1)
    assert len(ratelimit._memory._arrivals) == 100


def test_state_expires_when_it_says_nothing_any_more(clean_redis: None) -> None:
    API.acquire("k", 100, 5)
    assert 0 < redis.client().pttl("rate:api:k") <= 12

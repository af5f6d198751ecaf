"""A sender's rate: never exceeded, halved when told so, growing back, fair to each member."""

from __future__ import annotations

import time
from typing import Any

import pytest

from core import pacing, ratelimit, redis
from core.pacing import Pace

KEY = "company:number"


@pytest.fixture(params=["redis", "memory"])
def anywhere(request: pytest.FixtureRequest, settings: Any) -> None:
    """With one worker the fallback grants what Redis would."""
    settings.WORKER_COUNT = 1
    request.getfixturevalue("clean_redis" if request.param == "redis" else "no_redis")
    ratelimit._memory.clear()
    pacing._memory.clear()


@pytest.mark.usefixtures("anywhere")
class TestPacing:
    def test_a_wave_gets_what_the_burst_holds_and_learns_how_long_to_wait(self) -> None:
        first = pacing.take(KEY, rate=10, burst=8, want=5)
        second = pacing.take(KEY, rate=10, burst=8, want=5)
        assert (first.now, second.now) == ([0, 1, 2, 3, 4], [0, 1, 2])
        assert second.wait == pytest.approx(0.1, abs=0.05)

    def test_wanting_nothing_costs_nothing(self) -> None:
        assert pacing.take(KEY, rate=0.01, burst=1, want=0).now == []
        assert pacing.take(KEY, rate=0.01, burst=1, want=1).now == [0]

    def test_a_throttle_halves_the_rate_and_the_burst(self) -> None:
        assert pacing.shrink(KEY) == 0.5
        granted = pacing.take(KEY, rate=10, burst=8, want=8)
        assert granted.now == [0, 1, 2, 3]
        assert granted.wait == pytest.approx(0.2, abs=0.05)

    def test_many_refusals_at_once_are_one_word(self) -> None:
        assert [pacing.shrink(KEY) for _ in range(5)] == pytest.approx([0.5] * 5, abs=0.01)

    def test_the_rate_never_shrinks_to_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pacing, "ONE_WORD_SECONDS", 0)
        left = [pacing.shrink(KEY) for _ in range(12)]
        assert left[-1] == pytest.approx(pacing.LEAST, abs=0.001)

    def test_a_member_has_its_burst_and_then_waits_while_others_go_on(self) -> None:
        pace = Pace(seconds=6, burst=2)
        wave = ["ana", "ana", "ana", "bia"]
        granted = pacing.take(KEY, rate=1000, burst=100, want=4, members=wave, pace=pace)
        assert granted.now == [0, 1, 3]
        assert granted.held == {2: pytest.approx(6, abs=0.2)}

    def test_who_was_not_looked_at_has_used_nothing(self) -> None:
        pace = Pace(seconds=6, burst=1)
        first = pacing.take(KEY, rate=1, burst=1, want=2, members=["ana", "bia"], pace=pace)
        assert (first.now, first.held) == ([0], {})
        other = pacing.take("other", rate=1, burst=9, want=1, members=["ana"], pace=pace)
        assert other.now == [0]

    def test_senders_do_not_share_their_rates(self) -> None:
        pacing.shrink(KEY)
        assert len(pacing.take("other", rate=10, burst=8, want=8).now) == 8


def test_what_was_halved_grows_back_by_a_twentieth_in_ten_seconds(clean_redis: None) -> None:
    seconds, micros = redis.client().time()
    for ago, expected in ((0, 4), (40, 5), (100, 8), (600, 8)):
        at = seconds * 1_000_000 + micros - ago * 1_000_000
        redis.client().set(f"rate:shrunk:{KEY}", f"0.5:{at}")
        redis.client().delete(f"rate:pace:{KEY}")
        assert len(pacing.take(KEY, rate=1, burst=8, want=8).now) == expected


def test_in_memory_it_grows_back_as_well(no_redis: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pacing._memory.clear()
    pacing.shrink(KEY)
    later = time.monotonic() + 40
    monkeypatch.setattr(pacing.time, "monotonic", lambda: later)
    assert pacing._memory.factor(KEY) == pytest.approx(0.7, abs=0.01)


def test_without_redis_each_worker_sends_its_share(no_redis: None, settings: Any) -> None:
    settings.WORKER_COUNT = 4
    ratelimit._memory.clear()
    pacing._memory.clear()
    granted = pacing.take(KEY, rate=8, burst=20, want=20)
    assert len(granted.now) == 5
    assert granted.wait == pytest.approx(0.5, abs=0.1)


def test_states_end_by_themselves(clean_redis: None) -> None:
    pacing.shrink(KEY)
    pacing.take(KEY, rate=100, burst=5, want=1, members=["ana"], pace=Pace(6, 45))
    lives = {key: redis.client().pttl(key) for key in redis.client().keys("rate:*")}
    assert {key: 0 < left <= 101_000 for key, left in lives.items()} == {
        f"rate:shrunk:{KEY}".encode(): True,
        f"rate:pace:{KEY}".encode(): True,
        f"rate:member:{KEY}:ana".encode(): True,
    }

from __future__ import annotations

import pytest
import time_machine

from core import heartbeat, redis


def test_the_age_is_the_time_since_the_last_beat(clean_redis: None) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        heartbeat.beat("scan")
        clock.shift(7.5)
        assert heartbeat.age("scan") == 7.5
        heartbeat.beat("scan")
        assert heartbeat.age("scan") == 0


def test_who_never_beat_has_no_age(clean_redis: None) -> None:
    assert heartbeat.age("worker") is None


def test_without_redis_beating_does_no_harm_and_nobody_can_tell_the_age(no_redis: None) -> None:
    heartbeat.beat("scan")
    with pytest.raises(redis.Away):
        heartbeat.age("scan")

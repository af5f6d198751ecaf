from __future__ import annotations

import time

import pytest

from core import redis


def test_redis_answers(clean_redis: None) -> None:
    assert redis.available() is True
    assert redis.ask(lambda server: server.set("x", "1") and server.get("x")) == b"1"


def test_any_failure_of_redis_is_one_error(clean_redis: None) -> None:
    with pytest.raises(redis.Away):
        redis.ask(lambda server: server.lpop("x") or server.eval("error", 0))


def test_an_outage_is_noticed_at_once_and_costs_nothing_afterwards(no_redis: None) -> None:
    assert redis.available() is False
    started = time.monotonic()
    for _ in range(1000):
        with pytest.raises(redis.Away):
            redis.ask(lambda server: server.get("x"))
    assert time.monotonic() - started < 0.1


def test_redis_is_asked_again_after_the_pause(
    clean_redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "PAUSE_AFTER_FAILURE", 0.05)
    with pytest.raises(redis.Away):
        redis.ask(lambda server: server.eval("error", 0))
    assert redis.available() is False
    time.sleep(0.06)
    assert redis.available() is True

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from celery.signals import worker_shutting_down
from django_celery_beat.schedulers import DatabaseScheduler

from core import heartbeat, lifesigns, stopping


class Timer:
    """Remembers what was to be repeated."""

    def __init__(self) -> None:
        self.repeated: list[Any] = []

    def call_repeatedly(self, seconds: float, call: Any, arguments: Any) -> None:
        self.repeated.append((seconds, call, arguments))


def test_a_worker_beats_at_once_and_then_for_each_of_its_queues(clean_redis: None) -> None:
    timer = Timer()
    queues = SimpleNamespace(consume_from={"replies": None, "default": None})
    consumer = SimpleNamespace(
        timer=timer, app=SimpleNamespace(amqp=SimpleNamespace(queues=queues))
    )
    lifesigns.start_worker_beats(sender=consumer)
    assert heartbeat.age("worker:replies") is not None
    ((seconds, call, arguments),) = timer.repeated
    assert seconds == 5.0
    call(*arguments)
    assert heartbeat.age("worker:default") is not None


def test_beat_shows_a_sign_of_life_with_each_tick(clean_redis: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(DatabaseScheduler, "tick", lambda self: 5.0)
    scheduler = lifesigns.BeatScheduler.__new__(lifesigns.BeatScheduler)
    assert scheduler.tick() == 5.0
    assert heartbeat.age("beat") is not None


def test_a_worker_that_is_told_to_end_begins_nothing_more() -> None:
    assert stopping.is_asked() is False
    worker_shutting_down.send(sender="worker@here", sig="SIGTERM", how="Warm", exitcode=0)
    assert stopping.is_asked() is True
    stopping.forget()

"""Makes Celery's processes show signs of life (``core.heartbeat``) every five seconds.

A worker beats once per queue that it consumes, from its own timer, so a worker that is busy is
not taken for dead. Beat does so as often as it ticks; its scheduler is named in the settings.
"""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django_celery_beat.schedulers import DatabaseScheduler

from core import heartbeat, stopping

EVERY_SECONDS = 5.0
BEAT = "beat"


def worker_name(queue: str) -> str:
    """The name under which the workers of a queue beat."""
    return f"worker:{queue}"


@worker_ready.connect
def start_worker_beats(sender: Any, **kwargs: Any) -> None:
    """``sender`` is the worker's consumer."""
    names = [worker_name(queue) for queue in sender.app.amqp.queues.consume_from]
    beat_all(names)
    sender.timer.call_repeatedly(EVERY_SECONDS, beat_all, (names,))


@worker_shutting_down.connect
def stop_soon(**kwargs: Any) -> None:
    """A worker that is told to end finishes what it has begun and begins nothing more."""
    stopping.ask()


def beat_all(names: list[str]) -> None:
    """Say for each name that it is alive."""
    for name in names:
        heartbeat.beat(name)


class BeatScheduler(DatabaseScheduler):
    """``CELERY_BEAT_SCHEDULER = "core.lifesigns:BeatScheduler"``"""

    max_interval = EVERY_SECONDS

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        heartbeat.beat(BEAT)
        return super().tick(*args, **kwargs)

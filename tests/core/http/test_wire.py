"""Requests of one slice, driven from synchronous code."""

import asyncio

from core.http import Wire


async def answer(number: int, after: float = 0.0) -> int:
    await asyncio.sleep(after)
    return number


def test_answers_come_with_the_keys_of_their_requests() -> None:
    with Wire[str, int](2) as wire:
        wire.launch((name, answer(number)) for name, number in (("a", 1), ("b", 2)))
        assert wire.flying == 2
        landed = wire.landed(5, enough=2)
        assert {key: task.result() for key, task in landed} == {"a": 1, "b": 2}
        assert wire.flying == 0


def test_who_waits_goes_on_when_patience_ends() -> None:
    with Wire[str, int](2) as wire:
        wire.launch([("late", answer(1, after=60)), ("early", answer(2))])
        assert [key for key, _task in wire.landed(5)] == ["early"]
        assert wire.landed(0.01) == []
        assert wire.flying == 1

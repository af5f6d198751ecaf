"""Throughput per number and pace per pair, as Meta limits them."""

from __future__ import annotations

import time
from collections.abc import Callable

from sandbox.meta.errors import GraphError
from sandbox.settings import Settings

_PAIR_SECONDS = 6.0  # one message per pair and this many seconds, beyond the borrowed burst


class Limits:
    """Counts what numbers send; off unless the settings say otherwise."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seconds: dict[str, tuple[int, int]] = {}
        self._pairs: dict[tuple[str, str], float] = {}

    def check(self, number_id: str, recipient: str) -> None:
        """Count one message. Raises GraphError 130429 or 131056 when it is one too many."""
        self.check_throughput(
            number_id,
            lambda: GraphError(
                130429, "Cloud API message throughput has been reached. Please try again later."
            ),
        )
        if self._settings.pair_rate:
            self._check_pair((number_id, recipient))

    def reset(self) -> None:
        """Forget what was counted."""
        self._seconds.clear()
        self._pairs.clear()

    def check_throughput(self, number_id: str, refusal: Callable[[], Exception]) -> None:
        """Count one message of a number in this second; raises ``refusal()`` for one too many."""
        if not self._settings.throughput:
            return
        second = int(time.monotonic())
        known, count = self._seconds.get(number_id, (second, 0))
        count = count + 1 if known == second else 1
        if count > self._settings.throughput:
            raise refusal()
        self._seconds[number_id] = (second, count)

    def _check_pair(self, pair: tuple[str, str]) -> None:
        """A leaky bucket: each message adds six seconds that must not exceed the burst's worth."""
        now = time.monotonic()
        full_until = max(self._pairs.get(pair, now), now) + _PAIR_SECONDS
        if full_until - now > _PAIR_SECONDS * max(1, self._settings.pair_burst):
            raise GraphError(
                131056,
                "Too many messages sent from the sender phone number to the same recipient phone "
                "number in a short period of time.",
            )
        self._pairs[pair] = full_until

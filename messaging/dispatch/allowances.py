"""How many messages a claim may take where something holds it back: a canary that goes first
after a breaker's pause (of the number or of a run), or a run that has a pace of its own.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from connections.services import states
from core import agenda, scope
from core.ratelimit import Limiter
from messaging.agenda import PUMP, REPLY
from messaging.services import streams

runs = Limiter("run")
# A run that has used up its pace is asked again when a few may go, not for each one.
LEAST_PAUSE = timedelta(seconds=1)

# Usually nothing: one short look at a claim. The connection comes without an id.
_HELD_BACK = """
    SELECT NULL::uuid, true, NULL::int FROM connections_connection
    WHERE id = %(connection)s AND is_probing
    UNION ALL
    SELECT id, is_probing, rate_per_minute FROM messaging_stream
    WHERE %(of_streams)s AND state = 'running' AND (is_probing OR rate_per_minute IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a claim may take: in all, and of the runs that are held back."""

    total: int
    of_runs: dict[UUID, int] = field(default_factory=dict)


class Allowances:
    """What one slice may take, and the canaries that it has sent."""

    def __init__(self, connection_id: UUID, *, of_streams: bool) -> None:
        self._connection_id = connection_id
        self._of_streams = of_streams
        self._elected: set[UUID] = set()  # runs
        self.is_canary = False  # of the connection

    def ask(self, want: int, *, in_flight: Collection[UUID | None] = ()) -> Allowance:
        """How many of `want` the next claim may take; tokens of runs are used up by asking.

        Args:
            in_flight: the run (or None) of each message that the slice has on the wire.
        """
        total, of_runs = want, {}
        for stream_id, is_probing, rate in self._held_back():
            if stream_id is None:
                total = 1 if not in_flight and self._elect_for_connection() else 0
            elif is_probing:
                is_free = stream_id not in in_flight
                of_runs[stream_id] = 1 if is_free and self._elect_for_run(stream_id) else 0
            else:
                of_runs[stream_id] = _tokens(stream_id, rate, want)
        return Allowance(total, of_runs)

    def release(self, in_flight: Collection[UUID | None]) -> None:
        """Let others send the canaries of runs that did not leave.

        Args:
            in_flight: runs of which something is still on the wire.
        """
        unsent = self._elected - set(in_flight)
        for stream_id in unsent:
            streams.release_canary(stream_id=stream_id)
        self._elected -= unsent

    def release_connection(self) -> None:
        """The same for the number's canary."""
        if self.is_canary:
            self.is_canary = False
            with transaction.atomic():
                states.release_canary(self._connection_id)
                self._wake_both_lanes()

    @property
    def has_any(self) -> bool:
        """Whether this slice sends a canary at all."""
        return self.is_canary or bool(self._elected)

    def is_elected(self, stream_id: UUID | None) -> bool:
        """Whether what this slice sent of a run was its canary."""
        return stream_id in self._elected

    def recovered(self, stream_id: UUID) -> None:
        """The canary of a run was accepted."""
        streams.recover(stream_id=stream_id)
        self._elected.discard(stream_id)

    def connection_recovered(self) -> None:
        """The number's canary was accepted."""
        self.is_canary = False
        with transaction.atomic():
            states.recover(self._connection_id)
            self._wake_both_lanes()

    def _wake_both_lanes(self) -> None:
        """Runs and answers have one canary between them."""
        for kind in (PUMP, REPLY):
            agenda.append(kind, str(self._connection_id))

    def _held_back(self) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                _HELD_BACK, {"connection": self._connection_id, "of_streams": self._of_streams}
            )
            return cursor.fetchall()

    def _elect_for_connection(self) -> bool:
        self.is_canary = states.elect_canary(self._connection_id, again=self.is_canary)
        return self.is_canary

    def _elect_for_run(self, stream_id: UUID) -> bool:
        is_elected = streams.elect_canary(stream_id=stream_id, again=stream_id in self._elected)
        if is_elected:
            self._elected.add(stream_id)
        return is_elected


def next_turn(stream_id: UUID, rate_per_minute: int) -> timedelta:
    """In how long a run with a pace may send again; nothing is used up."""
    wait = runs.wait(_key(stream_id), rate_per_minute / 60, _burst(rate_per_minute))
    return max(timedelta(seconds=wait), LEAST_PAUSE) if wait else timedelta()


def _tokens(stream_id: UUID, rate_per_minute: int, want: int) -> int:
    rate = rate_per_minute / 60
    granted, _ = runs.take(_key(stream_id), rate=rate, burst=_burst(rate_per_minute), want=want)
    return granted


def _burst(rate_per_minute: int) -> int:
    """What a slice may send at once: no more than its share of the minute."""
    return max(1, int(rate_per_minute / 60 * settings.SEND_SLICE_SECONDS))


def _key(stream_id: UUID) -> str:
    return f"{scope.required_company_id()}:{stream_id.hex}"

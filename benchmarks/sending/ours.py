"""The product's side: its worker and its scanner as `bin/up` runs them, and a campaign."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import server
from benchmarks.processes import Family, Meter
from benchmarks.sending.standin import StandIn, prove
from benchmarks.sending.world import World
from campaigns.enums import CampaignState
from ops import programs
from ops.config import Config

LONGEST_SECONDS = 300.0
# The clock reads the rows, not the waiting: whoever waits leaves the processors to the round.
LOOK_EVERY_SECONDS = 0.25


@dataclass(frozen=True)
class Product:
    """Running product processes that send a company's campaigns to the stand-in."""

    world: World
    processes: Mapping[str, Family]
    servers: Mapping[str, Family]
    standin: StandIn

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Nothing of ours runs meanwhile: the other one has the machine."""
        for family in self.processes.values():
            family.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for family in self.processes.values():
                family.signal(signal.SIGCONT)

    def round(self, messages: int) -> dict[str, float]:
        """Release a prepared campaign and have it sent; its figures.

        The clock runs from the commit that releases it to the last row's acceptance, the CPU time
        until the campaign calls itself completed. Raises AssertionError when a message was lost
        or sent twice.
        """
        campaign = self.world.a_campaign(messages)
        self.standin.forget()
        meter = Meter.start({**self.processes, **self.servers, "standin": self.standin.family})
        began = time.time()
        self.world.release(campaign)
        _wait(lambda: self.standin.ledger()["accepted"] >= messages)
        _wait(lambda: self.world.state_of(campaign) == CampaignState.COMPLETED)
        spent = meter.read()
        prove(self.standin.ledger(), messages)
        accepted, last = self.world.accepted(campaign)
        if accepted != messages:
            raise AssertionError(f"{accepted} of {messages} rows are accepted")
        return _figures(messages, last.timestamp() - began, spent)


def _figures(messages: int, seconds: float, spent: Mapping[str, float]) -> dict[str, float]:
    per_thousand = 1000 / messages
    worker = spent["sender"] + spent["worker"] + spent["scan"]
    total = worker + spent["postgres"] + spent["redis"]
    return {
        "messages_per_second": messages / seconds,
        "messages_per_second_queued": messages / seconds,
        "cpu_1k": total * per_thousand,
        "cpu_1k_queued": total * per_thousand,
        "worker_cpu_1k": worker * per_thousand,
        "postgres_cpu_1k": spent["postgres"] * per_thousand,
        "redis_cpu_1k": spent["redis"] * per_thousand,
        "standin_cpu_1k": spent["standin"] * per_thousand,
    }


@contextmanager
def started(
    config: Config,
    env: Mapping[str, str],
    world: World,
    standin: StandIn,
    servers: Mapping[str, Family],
) -> Iterator[Product]:
    """The worker and the scanner with the stand-in as Graph, until the block ends."""
    inside = {**env, "GRAPH_BASE_URL": standin.url, "OUTBOUND_ALLOWED_PRIVATE": standin.host}
    makes = (programs.sender, programs.worker, programs.scan)
    with server.started(config, inside, *makes) as families:
        yield Product(world, families, servers, standin)


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while not done():
        if time.monotonic() > end:
            raise AssertionError(f"not done after {LONGEST_SECONDS:.0f} s")
        time.sleep(LOOK_EVERY_SECONDS)

"""`bin/bench pace`: 1,000 messages a second for a minute, each with three receipts coming back,
while four people read the inbox.

The targets (Part 2, "must show" 3, and reliability.md C6): the pace is held, every receipt is
written a few seconds after it came, a page of the inbox takes under 200 ms at p95, a callback is
answered within 250 ms at p50 and a second at p99. The stand-in is part of the load on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import django

from benchmarks.processes import Family, Meter, of_postgres, of_redis
from benchmarks.report import Result
from benchmarks.sending import standin
from benchmarks.sending.standin import StandIn
from benchmarks.server import free_port, started, throwaway_database
from ops import programs
from ops.config import Config, read_config

if TYPE_CHECKING:
    from benchmarks.receiving.world import World

SECONDS = 60
WARM_UP_SECONDS = 3
RATE = 1_000
RECEIPTS = 3
DELAYS = "200,1000,3000"  # milliseconds from the acceptance to sent, delivered and read
READERS = 4
PAUSE = 1.0  # a reader looks at a page so long
SETTLE_SECONDS = 240.0
MAX_LAG = 5.0
MAX_INBOX_P95 = 200.0
MAX_CALLBACK_P50 = 250.0
MAX_CALLBACK_P99 = 1_000.0
HELD = 0.98  # of the pace: the first second ramps up


def run(arguments: list[str]) -> Result:
    """Hold the pace for its time and see that all that came back is written.

    Args:
        arguments: `--seconds N`, `--rate N` (messages a second) and `--readers N`.
    """
    options = _parse(arguments)
    with on_stage(options.rate) as stage:
        stage.hold(WARM_UP_SECONDS, options.rate, options.readers)
        figures = stage.hold(options.seconds, options.rate, options.readers)
    return judged(figures, options.rate)


def judged(figures: Mapping[str, float], rate: float) -> Result:
    """The result with the verdict of the targets."""
    holds = (
        figures["messages_per_second"] >= HELD * rate
        and figures["unwritten_receipts"] == 0
        and figures["receipts_lag_s"] <= MAX_LAG
        and figures["inbox_p95_ms"] < MAX_INBOX_P95
        and figures["callback_p50_ms"] <= MAX_CALLBACK_P50
        and figures["callback_p99_ms"] <= MAX_CALLBACK_P99
    )
    return Result("pace", holds, figures)


@dataclass(frozen=True)
class Stage:
    """The product with its stand-in, everything running."""

    world: World
    graph: StandIn
    port: int
    families: Mapping[str, Family]

    def hold(self, seconds: float, rate: float, people: int) -> dict[str, float]:
        """Send at the pace for so long; figures of that, and of the CPU time it took until all
        that came back was written, in seconds for 1,000 messages (cores, at 1,000 a second)."""
        from benchmarks.receiving import readers

        sending = self.world.sending
        messages = int(seconds * rate)
        campaign = sending.a_campaign(messages)
        self.graph.forget()
        meter = Meter.start(self.families)
        began = time.time()
        sending.release(campaign)
        pages = asyncio.run(
            readers.read(
                self.port,
                self.world.inbox_path,
                {"Cookie": self.world.cookie},
                people=people,
                pause=PAUSE,
                until=time.monotonic() + seconds,
            )
        )
        if set(pages.statuses) - {200}:
            raise AssertionError(f"the inbox answered {pages.statuses}")
        told = self._settle(messages)
        spent = {name: value * 1000 / messages for name, value in meter.read().items()}
        _, last_sent = sending.accepted(campaign)
        return {
            "messages_per_second": messages / (last_sent.timestamp() - began),
            "receipts": told["told"],
            "posts": told["posts"],
            "posts_refused": told["refused"],
            "unwritten_receipts": messages - self.world.read(campaign),
            "receipts_lag_s": max(0.0, self.world.latest_receipt() - told["last"]),
            "callback_p50_ms": told["p50"],
            "callback_p99_ms": told["p99"],
            "inbox_pages": len(pages.times),
            "inbox_p50_ms": pages.at(0.5),
            "inbox_p95_ms": pages.at(0.95),
            **{f"{name}_cpu_1k": value for name, value in spent.items()},
            "cpu_1k": sum(spent.values()),
        }

    def _settle(self, messages: int) -> Mapping[str, float]:
        """Wait until all is told and nothing more is written."""
        _wait(lambda: self.graph.receipts()["told"] >= RECEIPTS * messages)
        seen = -1.0
        while seen != (seen := self.world.latest_receipt()):
            time.sleep(1)
        return self.graph.receipts()


@contextmanager
def on_stage(rate: float) -> Iterator[Stage]:
    """The product with a company whose number sends so many messages a second."""
    config = replace(read_config(), port=free_port())
    with ExitStack() as stack:
        url = stack.enter_context(throwaway_database())
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
        django.setup()
        from benchmarks.receiving import world

        place = world.build(rate_per_second=rate)
        callbacks = {
            "CALLBACK_URL": f"http://127.0.0.1:{config.port}{place.callback_path}",
            "CALLBACK_SECRET": world.SECRET,
            "RECEIPT_DELAYS": DELAYS,
        }
        graph = stack.enter_context(standin.serving(config, callbacks))
        families = {
            **stack.enter_context(_product(config, graph)),
            "postgres": of_postgres(url),
            "redis": of_redis(os.environ["REDIS_URL"]),
            "standin": graph.family,
        }
        yield Stage(place, graph, config.port, families)


@contextmanager
def _product(config: Config, graph: StandIn) -> Iterator[dict[str, Family]]:
    """Web, worker and scanner as `bin/up` runs them, with the stand-in as Graph."""
    env = {
        **os.environ,
        "PORT": str(config.port),
        "PLATFORM_URL": f"http://localhost:{config.port}",
        "GRAPH_BASE_URL": graph.url,
        "OUTBOUND_ALLOWED_PRIVATE": graph.host,
    }
    makes = (programs.web, programs.sender, programs.worker, programs.scan)
    with started(config, env, *makes) as families:
        yield families


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench pace")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--readers", type=int, default=READERS)
    return parser.parse_args(arguments)


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + SETTLE_SECONDS
    while not done():
        if time.monotonic() > end:
            raise AssertionError(f"not done {SETTLE_SECONDS:.0f} s after the last message")
        time.sleep(0.1)

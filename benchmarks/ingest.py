"""`bin/bench ingest`: what the ingress takes, beside a bare view and beside psycopg alone.

Three parts (Part 4, "must show" 1, and reliability.md C6, C7): signed posts as fast as they are
answered, at the real ingress (Meta's address and a source's) and at a Django view that verifies and
inserts one row, by turns, on the same server; then half of them Meta's and half a shop's: 100 a
second for a minute while a campaign runs, answered within a second at p99;
20,000 in one burst, all stored and all processed, by the rows.
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import load
from benchmarks.ingesting import posts, rows
from benchmarks.load import Load
from benchmarks.pace import Stage, on_stage
from benchmarks.report import Result, interleaved, ratios
from benchmarks.server import Server, serving

ROUNDS = 4
POSTS = 3_000
CONNECTIONS = 16
THREADS = 8
PACE = 100.0
SECONDS = 60
CAMPAIGN_RATE = 300.0
BURST = 20_000
BURST_CONNECTIONS = 64
LONGEST_SECONDS = 150.0
START_SECONDS = 60.0
MAX_P99 = 1_000.0


def run(arguments: list[str]) -> Result:
    """Measure the three parts.

    Args:
        arguments: `--posts N` a round, `--rounds N`, `--seconds N` at the pace, `--burst N`.
    """
    options = _parse(arguments)
    with on_stage(CAMPAIGN_RATE) as stage:
        bench = Bench(stage, stage.world.a_source())
        paced = bench.pace(options.seconds)
        burst = bench.burst(options.burst)
        compared = bench.compare(options.rounds, options.posts)
    figures = {**compared["ours"], **compared["source"], **paced, **burst}
    return judged(figures, {**compared["bare"], **compared["psycopg"]})


def judged(figures: Mapping[str, float], reference: Mapping[str, float]) -> Result:
    """The result with the verdict of the targets."""
    ratio = ratios(figures, reference)
    holds = (
        figures["paced_p99_ms"] < MAX_P99
        and figures["paced_answered"] == figures["paced_posts"]
        and figures["paced_processed"] == figures["paced_posts"]
        and figures["burst_stored"] == figures["burst_posts"]
        and figures["burst_processed"] == figures["burst_posts"]
    )
    return Result("ingest", holds, figures, reference, ratio)


@dataclass(frozen=True)
class Bench:
    """The product, running, and what is posted at it."""

    stage: Stage
    source_path: str

    def pace(self, seconds: int) -> dict[str, float]:
        """So many a second, while a campaign runs and its receipts come to the same door."""
        sending = self.stage.world.sending
        campaign = sending.a_campaign(int(seconds * CAMPAIGN_RATE))
        count = int(seconds * PACE)
        given = self._both("paced", count)
        sending.release(campaign)
        _until(lambda: sending.accepted(campaign)[0] > 0)
        done = load.send(self.stage.port, given, connections=CONNECTIONS, per_second=PACE)
        sent, _ = sending.accepted(campaign)
        processed = _until_processed(self.stage, "paced", count, since=time.monotonic())
        return {
            "paced_posts": count,
            "paced_processed": processed["processed"],
            "paced_answered": done.statuses.get(200, 0),
            "paced_p50_ms": done.p50_ms,
            "paced_p95_ms": done.p95_ms,
            "paced_p99_ms": done.p99_ms,
            "paced_campaign_messages": sent,
        }

    def burst(self, count: int) -> dict[str, float]:
        """So many at once, as fast as they are answered; then until each is a message."""
        given = self._both("burst", count)
        began, since = time.monotonic(), time.time()
        done = load.send(self.stage.port, given, connections=BURST_CONNECTIONS)
        stored = rows.stored(os.environ["DATABASE_URL"], since=since)
        processed = _until_processed(self.stage, "burst", count, since=began)
        return {
            "burst_posts": count,
            "burst_stored": stored,
            **{f"burst_{name}": value for name, value in processed.items()},
            "burst_per_second": done.per_second,
            "burst_p99_ms": done.p99_ms,
            "burst_processed_seconds": time.monotonic() - began,
        }

    def compare(self, rounds: int, count: int) -> dict[str, dict[str, float]]:
        """Ours, a bare view and psycopg alone by turns, while the product's processes rest."""
        url = os.environ["DATABASE_URL"]
        rows.make_bare(url)
        bodies = [request.partition(b"\r\n\r\n")[2] for request in self._meta("bare", count)]
        bare_env = {"BARE_SECRET": self._secret}
        with (
            self._at_rest(),
            serving(url, threads=THREADS) as ours,
            serving(
                url, application="benchmarks.ingesting.bare_wsgi:application",
                threads=THREADS, env=bare_env,
            ) as bare,
        ):  # fmt: skip
            turn = iter(range(1_000_000))
            return interleaved(
                rounds,
                {
                    "ours": lambda: _posted(ours, self._meta(f"ours{next(turn)}", count)),
                    "source": lambda: {
                        f"source_{name}": value
                        for name, value in _posted(
                            ours, self._source(f"theirs{next(turn)}", count)
                        ).items()
                    },
                    "bare": lambda: _posted(bare, self._meta("bare", count, path="/bare/")),
                    "psycopg": lambda: rows.inserting(url, bodies, connections=THREADS),
                },
            )

    @contextmanager
    def _at_rest(self) -> Iterator[None]:
        ours = [self.stage.families[name] for name in ("web", "sender", "worker", "scan")]
        for family in ours:
            family.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for family in ours:
                family.signal(signal.SIGCONT)

    def _both(self, series: str, count: int) -> list[bytes]:
        """By turns one of Meta's and one of a shop's."""
        pairs = zip(
            self._meta(series, (count + 1) // 2), self._source(series, count // 2), strict=True
        )
        return [post for pair in pairs for post in pair]

    def _source(self, series: str, count: int) -> Iterator[bytes]:
        return posts.source(self.source_path, self._secret, count=count, series=series)

    def _meta(self, series: str, count: int, *, path: str = "") -> Iterator[bytes]:
        number = self.stage.world.sending.connection
        return posts.meta(
            path or self.stage.world.callback_path,
            self._secret,
            number_id=number.external_id,
            account_id=number.account_id,
            count=count,
            series=series,
        )

    @property
    def _secret(self) -> str:
        from benchmarks.receiving.world import SECRET

        return SECRET


def _posted(server: Server, given: Iterator[bytes]) -> dict[str, float]:
    """Figures of posts as fast as they are answered; the CPU time is the server's alone."""
    ready = list(given)
    before = server.cpu_seconds()
    done: Load = load.send(server.port, ready, connections=CONNECTIONS)
    if set(done.statuses) != {200}:
        raise AssertionError(f"answered {done.statuses}")
    return {
        "posts_per_second": done.per_second,
        "post_p50_ms": done.p50_ms,
        "post_p95_ms": done.p95_ms,
        "post_p99_ms": done.p99_ms,
        "post_cpu_ms": (server.cpu_seconds() - before) / done.requests * 1000,
    }


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + START_SECONDS
    while not is_so():
        if time.monotonic() >= end:
            raise AssertionError("the campaign does not start")
        time.sleep(0.1)


def _until_processed(stage: Stage, series: str, count: int, *, since: float) -> dict[str, float]:
    """Wait until each of a series, half of which is Meta's, is a message or a handled post; how
    many there are then, or at the end of our patience, and how many a second of each kind."""
    kinds = {
        "messages": ((count + 1) // 2, lambda: stage.world.received(f"wamid.{series}.")),
        "sources": (count // 2, lambda: stage.world.understood(f"{series}-")),
    }
    found = dict.fromkeys(kinds, 0)
    per_second: dict[str, float] = {}
    while len(per_second) < len(kinds) and time.monotonic() < since + LONGEST_SECONDS:
        time.sleep(1)
        for name, (wanted, so_far) in kinds.items():
            if name not in per_second:
                found[name] = so_far()
                if found[name] >= wanted:
                    per_second[name] = wanted / (time.monotonic() - since)
    return {"processed": sum(found.values())} | {
        f"{name}_per_second": value for name, value in per_second.items()
    }


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench ingest")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--burst", type=int, default=BURST)
    return parser.parse_args(arguments)

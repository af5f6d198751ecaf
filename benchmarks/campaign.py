"""`bin/bench campaign`: 20,000 messages from queued to accepted, beside BullMQ, undici and pg.

The targets (Part 2, "must show" 3): at least twice the messages a second of the reference and at
most half its CPU per message, with everything on: the gate, the ledger, the events.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from contextlib import ExitStack

import django

from benchmarks.processes import of_postgres, of_redis
from benchmarks.report import Result, interleaved, ratios
from benchmarks.sending import reference, standin
from benchmarks.server import throwaway_database
from ops.config import read_config

ROUNDS = 5
MESSAGES = 20_000
WARM_UP = 2_000
MIN_RATE_RATIO = 2.0
MAX_CPU_RATIO = 0.5


def run(arguments: list[str]) -> Result:
    """Send the same number of messages by turns with the product and with the reference.

    Args:
        arguments: `--messages N` and `--rounds N`, for a quick look.
    """
    options = _parse(arguments)
    config = read_config()
    with ExitStack() as stack:
        url = stack.enter_context(throwaway_database())
        graph = stack.enter_context(standin.serving(config))
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
        django.setup()
        from benchmarks.sending import ours, world

        servers = {"postgres": of_postgres(url), "redis": of_redis(os.environ["REDIS_URL"])}
        place = world.build()
        product = stack.enter_context(ours.started(config, dict(os.environ), place, graph, servers))
        peer = stack.enter_context(reference.installed(config, graph, servers["postgres"]))
        product.round(min(WARM_UP, options.messages))

        def reference_round() -> dict[str, float]:
            with product.at_rest():
                return peer.round(options.messages)

        found = interleaved(
            options.rounds,
            {"ours": lambda: product.round(options.messages), "reference": reference_round},
        )
    return judged(found["ours"], found["reference"])


def judged(figures: Mapping[str, float], reference: Mapping[str, float]) -> Result:
    """The result with the verdict of the two targets."""
    ratio = ratios(figures, reference)
    holds = ratio["messages_per_second"] >= MIN_RATE_RATIO and ratio["cpu_1k"] <= MAX_CPU_RATIO
    return Result("campaign", holds, figures, reference, ratio)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench campaign")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args(arguments)

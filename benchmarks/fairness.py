"""`bin/bench fairness`: one company sends to 50,000 people, another answers somebody every second.

The target (Part 2, "must show" 4): from the commit of an answer to its arrival at the provider
pass at most two seconds at p95, with the worker and the scanner as `bin/up` runs them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import django

from benchmarks.processes import of_postgres, of_redis
from benchmarks.report import Result, quantile, ratios
from benchmarks.sending import standin
from benchmarks.server import throwaway_database
from ops.config import read_config

if TYPE_CHECKING:
    from benchmarks.sending.world import World

RECIPIENTS = 50_000
ANSWERS = 60
PAUSE = 1.0
MAX_P95 = 2.0
QUIET = "106540352200010"  # the number that answers
LAST_ONE_SECONDS = 30.0


def run(arguments: list[str]) -> Result:
    """Release the campaign and answer meanwhile; the delays of the answers.

    Args:
        arguments: `--recipients N` and `--answers N`, for a quick look; `--companies N` shares the
            recipients among so many companies that send at once.
    """
    options = _parse(arguments)
    config = read_config()
    with ExitStack() as stack:
        url = stack.enter_context(throwaway_database())
        graph = stack.enter_context(standin.serving(config, {"WATCHED_NUMBER": QUIET}))
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
        django.setup()
        from benchmarks.sending import ours, world

        quiet = world.build("bench-quiet")
        loud = [world.build(f"bench-loud-{number}") for number in range(options.companies)]
        _prepare(loud, quiet, options)
        campaigns = [one.a_campaign(options.recipients // len(loud)) for one in loud]
        servers = {"postgres": of_postgres(url), "redis": of_redis(os.environ["REDIS_URL"])}
        stack.enter_context(ours.started(config, dict(os.environ), loud[0], graph, servers))
        _delays(quiet, graph, 1)  # the worker is there
        alone = _delays(quiet, graph, options.answers // 6)
        began = time.time()
        for one, campaign in zip(loud, campaigns, strict=True):
            one.release(campaign)
        delays = _delays(quiet, graph, options.answers)
        answered = time.time()
        sent = sum(one.accepted(campaign)[0] for one, campaign in zip(loud, campaigns, strict=True))
    figures = {
        **_told(delays),
        "recipients_sent": sent,
        "campaign_per_second": sent / (answered - began),
    }
    return judged(figures, _told(alone))


def judged(figures: Mapping[str, float], alone: Mapping[str, float]) -> Result:
    """The result with the verdict of the target, beside the answers before the campaign; one that
    did not run proves nothing."""
    holds = figures["answer_p95_s"] <= MAX_P95 and figures["recipients_sent"] > 0
    return Result("fairness", holds, figures, alone, ratios(figures, alone))


def _prepare(loud: Sequence[World], quiet: World, options: argparse.Namespace) -> None:
    """The campaign takes as long as the answers; those who are answered have written before."""
    from benchmarks.receiving.world import fill_inbox
    from connections.models import Connection
    from core import scope

    rate = options.recipients / len(loud) / (options.answers * PAUSE)
    for one in loud:
        with scope.opened(one.company):
            Connection.objects.filter(pk=one.connection.pk).update(rate_per_second=rate)
    with scope.opened(quiet.company):
        number = quiet.connection
        number.external_id = QUIET
        number.save(update_fields=["external_id"])
        fill_inbox(number, people=options.answers, messages=options.answers)


def _delays(world: World, graph: standin.StandIn, answers: int) -> list[float]:
    """Answer a person every second; seconds from each commit to its arrival at the provider.

    Raises AssertionError when one does not arrive.
    """
    committed: dict[str, float] = {}
    for index in range(answers):
        began = time.monotonic()
        committed[_answer(world, index)] = time.time()
        time.sleep(max(0.0, PAUSE - (time.monotonic() - began)))
    end = time.monotonic() + LAST_ONE_SECONDS
    while len(committed.keys() & (arrived := _arrived(graph)).keys()) < answers:
        if time.monotonic() > end:
            raise AssertionError(f"{len(arrived)} of {answers} answers arrived")
        time.sleep(0.1)
    return [max(0.0, arrived[key] - at) for key, at in committed.items()]


def _answer(world: World, index: int) -> str:
    """Answer a conversation as somebody of the team would; the message's key."""
    from conversations.models import Conversation
    from conversations.services import replies
    from core import scope
    from messaging import bodies

    with scope.opened(world.company), scope.surroundings(world.company):
        conversation = Conversation.objects.select_related("contact", "thread__connection")
        row = conversation.order_by("pk")[index]
        message = replies.reply(
            conversation=row, body=bodies.text("Sim, ainda temos!"), author=None
        )
        return str(message.send_key)


def _arrived(graph: standin.StandIn) -> dict[str, float]:
    return {key.partition(":")[0]: at for key, at in graph.arrivals().items()}


def _told(delays: list[float]) -> dict[str, float]:
    return {
        "answers": len(delays),
        "answer_p50_s": statistics.median(delays),
        "answer_p95_s": quantile(delays, 0.95),
        "answer_max_s": max(delays),
    }


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench fairness")
    parser.add_argument("--recipients", type=int, default=RECIPIENTS)
    parser.add_argument("--answers", type=int, default=ANSWERS)
    parser.add_argument("--companies", type=int, default=1)
    return parser.parse_args(arguments)

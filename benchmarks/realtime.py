"""`bin/bench realtime`: 1,000 sockets in 50 groups of 20, 50 messages a second by signed webhook.

The targets (Part 3, "must show" 2): from the moment a webhook is sent to the frame at a page pass
less than 100 ms at p95, nothing is lost; and when all 1,000 listen to one company's list, its
hints are folded into few and the last of them reaches everybody. Every tenth message is also
fetched as the page's fragment. Beside it, bare Channels: one process, in memory, no rights.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import django

from benchmarks.live.customers import Number
from benchmarks.live.pages import Audience, Page, at_pace
from benchmarks.processes import Family, Meter, of_postgres, of_redis, running
from benchmarks.report import Result, quantile, ratios
from benchmarks.server import (
    free_port,
    started,
    throwaway_database,
    wait_until_listening,
)
from ops import programs
from ops.config import Config, read_config
from ops.process import Command

if TYPE_CHECKING:
    from benchmarks.receiving.world import World

SOCKETS, GROUPS = 1_000, 50
RATE, SECONDS = 50.0, 20.0
FETCH_EVERY = 10
MAX_P95_MS = 100.0
SETTLE_SECONDS = 20.0
# Hints of a list are folded to two a second (core.realtime); one more at each end of the time.
MOST_HINTS_A_SECOND = 2.0


def run(arguments: list[str]) -> Result:
    """Listen and write.

    Args:
        arguments: `--sockets N`, `--rate N` and `--seconds N`, for a quick look.
    """
    parser = argparse.ArgumentParser(prog="bin/bench realtime")
    parser.add_argument("--sockets", type=int, default=SOCKETS)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args(arguments)
    reference = asyncio.run(_reference(read_config(), options))
    with _stage() as stage:
        figures = asyncio.run(_groups(stage, options)) | asyncio.run(_one_list(stage, options))
    return judged(figures, reference)


def judged(figures: Mapping[str, float], reference: Mapping[str, float]) -> Result:
    """The result with the verdict of the targets."""
    holds = (
        figures["frame_p95_ms"] < MAX_P95_MS
        and figures["missing"] == 0
        and figures["broken"] == 0
        and figures["list_hints_per_second"] <= MOST_HINTS_A_SECOND + 0.5
        and figures["list_without_last"] == 0
    )
    return Result("realtime", holds, figures, reference, ratios(figures, reference))


@dataclass(frozen=True)
class Stage:
    """The product with 50 conversations, everything running."""

    world: World
    config: Config
    talks: Mapping[str, str]  # conversation → the customer's wa_id
    families: Mapping[str, Family]

    @property
    def number(self) -> Number:
        from benchmarks.receiving import world

        row = self.world.sending.connection
        return Number(row.external_id, row.account_id, world.SECRET)

    @property
    def headers(self) -> dict[str, str]:
        """Of a page that is signed in."""
        return {
            "Origin": f"http://127.0.0.1:{self.config.socket_port}",
            "Cookie": self.world.cookie,
        }

    @property
    def socket(self) -> str:
        """Where a page of the company opens its socket."""
        slug = self.world.sending.company.slug
        return f"ws://127.0.0.1:{self.config.socket_port}/ws/c/{slug}/"

    async def write(self, session: aiohttp.ClientSession, talk: str) -> None:
        """Its customer writes; returns when the callback was answered."""
        body, headers = self.number.callback(self.talks[talk])
        url = f"http://127.0.0.1:{self.config.port}{self.world.callback_path}"
        async with session.post(url, data=body, headers=headers) as response:
            if response.status != 200:
                raise AssertionError(f"a callback was answered with {response.status}")

    async def fragment(self, session: aiohttp.ClientSession, talk: str, message: str) -> None:
        """What a page fetches when it hears of a message."""
        path = f"{self.world.inbox_path}{talk}/messages/?message={message}"
        headers = {**self.headers, "HX-Request": "true"}
        url = f"http://localhost:{self.config.port}{path}"
        async with session.get(url, headers=headers) as response:
            if response.status != 200 or message not in await response.text():
                raise AssertionError(f"a fragment was answered with {response.status}")


async def _groups(stage: Stage, options: argparse.Namespace) -> dict[str, float]:
    """Each page listens to one conversation."""
    audience, fetched = Audience(), list[float]()
    fetches: list[asyncio.Task[None]] = []
    talks = list(stage.talks)
    place = {talk: number for number, talk in enumerate(talks)}
    first_of: dict[str, Page] = {}

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def fetch(talk: str, message: str, sent: float) -> None:
            await stage.fragment(session, talk, message)
            fetched.append((time.monotonic() - sent) * 1000)

        def heard(page: Page, frame: dict[str, Any]) -> None:
            if frame["event"] != "message-created":
                return
            audience.note(page)
            turn = page.seen + place[page.group]  # else all would fetch in the same second
            if page is first_of[page.group] and turn % FETCH_EVERY == 0:
                sent = audience.sent[page.group][page.seen - 1]
                fetches.append(asyncio.create_task(fetch(page.group, frame["id"], sent)))

        await audience.open(
            session,
            [(talks[number % len(talks)], stage.socket) for number in range(options.sockets)],
            headers=stage.headers,
            topics=lambda talk: [f"conversation:{talk}"],
            heard=heard,
        )
        first_of |= {page.group: page for page in reversed(audience.pages)}

        async def write(number: int) -> None:
            talk = talks[number % len(talks)]
            audience.sent[talk].append(time.monotonic())
            await stage.write(session, talk)

        meter, ours = Meter.start(stage.families), time.process_time()
        await at_pace(options.rate, options.seconds, write)
        await audience.settle(SETTLE_SECONDS)
        await asyncio.gather(*fetches)
        spent = {**meter.read(), "pages": time.process_time() - ours}  # of the bench, too
        await audience.close()
    return {
        "sockets": len(audience.pages),
        "frames": len(audience.delays),
        "missing": audience.missing,
        "broken": audience.broken,
        "frame_p50_ms": quantile(audience.delays, 0.5),
        "frame_p95_ms": quantile(audience.delays, 0.95),
        "fragment_p50_ms": quantile(fetched, 0.5),
        "fragment_p95_ms": quantile(fetched, 0.95),
        **{f"{name}_cores": seconds / options.seconds for name, seconds in spent.items()},
    }


async def _one_list(stage: Stage, options: argparse.Namespace) -> dict[str, float]:
    """All pages show the list of the same company."""
    audience = Audience()
    last: dict[int, float] = {}
    talks = list(stage.talks)

    def heard(page: Page, frame: dict[str, Any]) -> None:
        if frame["event"] == "changed":
            last[id(page)] = time.monotonic()
            page.seen += 1

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await audience.open(
            session,
            [("inbox", stage.socket)] * options.sockets,
            headers=stage.headers,
            topics=lambda group: [group],
            heard=heard,
        )
        began = time.monotonic()
        await at_pace(
            options.rate, options.seconds, lambda n: stage.write(session, talks[n % len(talks)])
        )
        ended = time.monotonic()
        await asyncio.sleep(3)
        await audience.close()
    hints = sum(page.seen for page in audience.pages) / len(audience.pages)
    return {
        "list_hints_per_second": hints / (ended - began),
        "list_without_last": sum(last.get(id(page), 0.0) < ended for page in audience.pages),
    }


async def _reference(config: Config, options: argparse.Namespace) -> dict[str, float]:
    """Bare Channels with as many sockets, groups and messages."""
    port = free_port()
    argv: list[str | Path] = [
        config.venv / "bin" / "daphne",
        "-b",
        "127.0.0.1",
        "-p",
        str(port),
        "-v",
        "0",
    ]
    command = Command([*argv, "benchmarks.live.layer:application"], config.root, dict(os.environ))
    with running(command) as process:
        wait_until_listening(process, port)
        audience = Audience()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            groups = [f"group{number}" for number in range(GROUPS)]
            addresses = [
                (group, f"ws://127.0.0.1:{port}/ws/{group}/")
                for group in (groups[number % GROUPS] for number in range(options.sockets))
            ]
            await audience.open(
                session, addresses, headers={}, heard=lambda page, frame: audience.note(page)
            )

            async def send(number: int) -> None:
                group = groups[number % GROUPS]
                audience.sent[group].append(time.monotonic())
                url = f"http://127.0.0.1:{port}/send/{group}/"
                async with session.post(url, data=b'{"event":"message-created"}') as response:
                    response.raise_for_status()

            await at_pace(options.rate, options.seconds, send)
            await audience.settle(SETTLE_SECONDS)
            await audience.close()
    return {
        "frames": len(audience.delays),
        "frame_p50_ms": quantile(audience.delays, 0.5),
        "frame_p95_ms": quantile(audience.delays, 0.95),
    }


@contextmanager
def _stage() -> Iterator[Stage]:
    config = replace(read_config(), port=free_port(), socket_port=free_port())
    with ExitStack() as stack:
        url = stack.enter_context(throwaway_database())
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
        django.setup()
        from benchmarks.receiving import world

        place = world.build(rate_per_second=80)
        env = {
            **os.environ,
            "PORT": str(config.port),
            "PLATFORM_URL": f"http://localhost:{config.port}",
        }
        makes = (programs.web, programs.sockets, programs.worker, programs.scan)
        families = {
            **stack.enter_context(started(config, env, *makes)),
            "postgres": of_postgres(url),
            "redis": of_redis(os.environ["REDIS_URL"]),
        }
        _wait_until_idle(place)
        yield Stage(place, config, _talks(place), families)


def _wait_until_idle(place: World) -> None:
    """Until the workers have seen to what filling the inbox left them: the clock starts then."""
    from core import scope
    from events.enums import DeliveryState
    from events.models import Delivery

    with scope.opened(place.sending.company):
        while Delivery.objects.filter(state=DeliveryState.PENDING).exists():
            time.sleep(0.5)
    time.sleep(2)


def _talks(place: World) -> dict[str, str]:
    """The first fifty conversations, with their customers."""
    from conversations.models import Conversation
    from core import scope

    with scope.opened(place.sending.company):
        rows = Conversation.objects.order_by("created_at", "id")[:GROUPS]
        return {str(row.pk): row.thread.address.lstrip("+") for row in rows}

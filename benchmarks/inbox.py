"""`bin/bench inbox`: the inbox of a company with a million contacts, 200,000 conversations and
5,000,000 messages.

The targets (Part 3, "must show" 1), all at p95: database time of the list and thread pages under
10 ms, a page under 100 ms, a search under 50 ms from request to answer.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from functools import partial

import django

from benchmarks.report import Result, interleaved
from benchmarks.server import kept_database, serving

PEOPLE = 1_000_000
VERSION = "1"  # of the seeded rows: another one is another world
ROUNDS = 5
PAGES = ("list", "next", "thread")
SEARCHES = ("name", "digits", "words")
MAX_DATABASE_MS = 10.0
MAX_PAGE_MS = 100.0
MAX_SEARCH_MS = 50.0
MAX_SEED_SECONDS = 600.0


def run(arguments: list[str]) -> Result:
    """Seed the database if there is none from before, then ask by turns.

    Args:
        arguments: `--people N`, for a quick look.
    """
    people, figures = _parse(arguments).people, {}

    def fill(url: str) -> None:
        _set_up(url)
        from benchmarks.inboxworld import world

        started = time.monotonic()
        world.build(world.Size(people))
        figures["seed_seconds"] = time.monotonic() - started

    url = kept_database(f"bench_inbox_{people}", version=VERSION, fill=fill)
    return judged({**figures, **_measured(url)})


def _measured(url: str) -> dict[str, float]:
    """The medians of the rounds, by `<kind>_<figure>`."""
    _set_up(url)
    from benchmarks.inboxworld import looks, world

    kinds, cookie = looks.looks(), world.cookie()
    with serving(url) as server:
        asked = {
            name: partial(looks.page, look, cookie=cookie, port=server.port)
            for name, look in kinds.items()
        }
        for ask in asked.values():
            ask()  # every thread has compiled its templates
        pages = interleaved(ROUNDS, asked)
    database = interleaved(
        ROUNDS,
        {name: partial(looks.database, look, cookie=cookie) for name, look in kinds.items()},
    )
    return {**_flat(pages), **_flat(database)}


def _set_up(url: str) -> None:
    """Django on the benchmark's database."""
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    django.setup()


def judged(figures: Mapping[str, float]) -> Result:
    """The result with the verdict of the targets."""
    holds = all(
        figures[f"{name}_database_p95_ms"] < MAX_DATABASE_MS
        and figures[f"{name}_page_p95_ms"] < MAX_PAGE_MS
        for name in PAGES
    )
    is_found_fast = all(figures[f"{name}_page_p95_ms"] < MAX_SEARCH_MS for name in SEARCHES)
    is_seeded_fast = figures.get("seed_seconds", 0.0) < MAX_SEED_SECONDS
    return Result("inbox", holds and is_found_fast and is_seeded_fast, figures)


def _flat(found: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {
        f"{name}_{figure}": value
        for name, figures in found.items()
        for figure, value in figures.items()
    }


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench inbox")
    parser.add_argument("--people", type=int, default=PEOPLE)
    return parser.parse_args(arguments)

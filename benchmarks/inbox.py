"""`bin/bench inbox`: the inbox of a company with a million contacts, 200,000 conversations and
5,000,000 messages.

The targets (Part 3, "must show" 1), all at p95: database time of the list and thread pages under
10 ms, a page under 100 ms, a search under 50 ms from request to answer.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from benchmarks.inboxworld import asking
from benchmarks.report import Result

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
    url, seeded = asking.kept_world(_parse(arguments).people)
    from benchmarks.inboxworld import looks

    return judged({**seeded, **asking.measured(url, looks.looks())})


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


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench inbox")
    parser.add_argument("--people", type=int, default=asking.PEOPLE)
    return parser.parse_args(arguments)

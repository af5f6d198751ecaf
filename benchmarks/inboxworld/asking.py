"""The company of a million, kept from run to run, and the medians of what is asked of it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import django

from benchmarks.report import interleaved
from benchmarks.server import kept_database, serving, warm

if TYPE_CHECKING:
    from benchmarks.inboxworld.looks import Look

PEOPLE = 1_000_000
VERSION = "1"  # of the seeded rows: another one is another world
ROUNDS = 5


def kept_world(people: int) -> tuple[str, dict[str, float]]:
    """The database's address, and `seed_seconds` if there was none from before; Django is set up
    on it."""
    figures: dict[str, float] = {}

    def fill(url: str) -> None:
        _set_up(url)
        from benchmarks.inboxworld import world

        started = time.monotonic()
        world.build(world.Size(people))
        figures["seed_seconds"] = time.monotonic() - started

    url = kept_database(f"bench_inbox_{people}", version=VERSION, fill=fill)
    warm(url)
    _set_up(url)
    return url, figures


def measured(url: str, kinds: Mapping[str, Look]) -> dict[str, float]:
    """The medians of the rounds, by `<kind>_<figure>`."""
    from benchmarks.inboxworld import looks, world

    cookie = world.cookie()
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


def _flat(found: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {
        f"{name}_{figure}": value
        for name, figures in found.items()
        for figure, value in figures.items()
    }

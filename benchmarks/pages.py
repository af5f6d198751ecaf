"""`bin/bench pages`: the contact and campaign lists of a company with 100,000 contacts.

The targets (Part 1, "must show" 8): at most twice the CPU of a bare view on the same server, at
most 15 queries, database time under 10 ms at p95.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import partial

import django

from benchmarks.report import Result, interleaved, ratios
from benchmarks.server import serving, throwaway_database

PAGES = ("contacts", "campaigns")
ROUNDS = 5
REQUESTS = 60
MAX_CPU_RATIO = 2.0
MAX_QUERIES = 15
MAX_DATABASE_MS = 10.0
BARE = "benchmarks.listpages.bare_wsgi:application"


def run(arguments: list[str]) -> Result:
    """Seed, measure database time in this process, then CPU beside the bare views.

    Args:
        arguments: none are known.
    """
    with throwaway_database() as url:
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
        django.setup()
        from benchmarks.listpages import queries, world

        started = time.monotonic()
        seeded = world.build()
        print(f"seeded in {time.monotonic() - started:.0f} s", flush=True)
        paths = {page: f"/c/{world.SLUG}/{page}/" for page in PAGES}
        database = interleaved(
            ROUNDS,
            {page: partial(queries.trace, paths[page], cookie=seeded.cookie) for page in PAGES},
        )
        ours, bare = _beside_bare(url, paths, seeded.cookie)
    return judged({**ours, **_flat(database)}, bare)


def judged(figures: Mapping[str, float], reference: Mapping[str, float]) -> Result:
    """The result with the verdict of the three targets, for both pages."""
    ratio = ratios(figures, reference)
    holds = all(
        ratio[f"{page}_cpu_ms"] <= MAX_CPU_RATIO
        and figures[f"{page}_queries"] <= MAX_QUERIES
        and figures[f"{page}_database_p95_ms"] < MAX_DATABASE_MS
        for page in PAGES
    )
    return Result("pages", holds, figures, reference, ratio)


def _beside_bare(
    url: str, paths: Mapping[str, str], cookie: str
) -> tuple[dict[str, float], dict[str, float]]:
    """Figures of the product and of the bare views, by `<page>_<figure>`; medians of the rounds."""
    signed_in = {"Cookie": cookie}
    with serving(url) as product, serving(url, application=BARE) as bare:
        candidates = {}
        for page in PAGES:
            ours = partial(product.measure, paths[page], headers=signed_in)
            reference = partial(bare.measure, f"/bare/{page}/")
            for measure in (ours, reference):
                measure(requests=20)  # every thread has compiled its templates
            candidates[f"ours {page}"] = partial(ours, requests=REQUESTS)
            candidates[f"bare {page}"] = partial(reference, requests=REQUESTS)
        found = interleaved(ROUNDS, candidates)
    return _flat(found, "ours "), _flat(found, "bare ")


def _flat(found: Mapping[str, Mapping[str, float]], prefix: str = "") -> dict[str, float]:
    """`<page>_<figure>` of the candidates whose name is the page behind the prefix."""
    return {
        f"{page}_{name}": value
        for page in PAGES
        for name, value in found[f"{prefix}{page}"].items()
    }

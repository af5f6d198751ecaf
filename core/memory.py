"""When Python looks for garbage: not among what stays, and not while there is none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.urls import get_resolver


def settle() -> None:
    """Load the addresses and spare the collector; called when a process is about to serve."""
    _load_addresses()
    _spare_the_collector()


def _load_addresses() -> None:
    """Whoever makes a link needs the URLconfs, and with them a second of imports."""
    for urlconf in (settings.ROOT_URLCONF, settings.COMPANY_URLCONF):
        get_resolver(urlconf).reverse_dict  # noqa: B018 -- made when it is first asked for


def _spare_the_collector() -> None:
    """What was loaded stays for good, so the collector need not look at it again: with hundreds
    of thousands of objects that was a twelfth of a sender's time, and of a page's a seventh."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the collector rest for a moment (keep it short: it rests in all threads).

    Work that makes many objects and no cycles runs a third faster: each thousand new objects start
    a collection that walks those made before and finds nothing, and counting references frees
    them anyway.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

"""What differs between providers when a fault strikes: how requests are read and refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.faults import Facts, Rule


@dataclass(frozen=True, slots=True)
class Dialect:
    """A provider's manner; ``refusal`` is its exception, which has a ``response()``."""

    provider: str
    prefix: str  # of its addresses
    refusal: type[Any]
    facts: Callable[[web.Request], Awaitable[Facts]]
    throttled: Callable[[Rule], web.StreamResponse]
    broken: Callable[[], web.StreamResponse]
    error: Callable[[int], web.StreamResponse]
    without_id: Callable[[], web.StreamResponse]

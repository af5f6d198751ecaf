"""What the scanner does beside its rows, every few seconds: for work that cannot have a row,
because it is what is left to do when PostgreSQL was away. Keep it short: due rows wait for it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import OperationalError

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Chore:
    """One of them; `do` runs in the public schema, in every scanner."""

    name: str
    do: Callable[[], object]
    every_seconds: float
    due_at: float = 0.0

    def register(self) -> None:
        """Announce it, once, at start-up.

        Raises:
            ValueError: the name is taken.
        """
        if self.name in registered:
            message = f"the chore {self.name} is registered twice"
            raise ValueError(message)
        registered[self.name] = self


registered: dict[str, Chore] = {}


def do_due() -> None:
    """Do what is due; one that fails is logged and never stops the others.

    Raises:
        django.db.OperationalError: the database is away, which the scanner waits for.
    """
    for chore in registered.values():
        if time.monotonic() < chore.due_at:
            continue
        chore.due_at = time.monotonic() + chore.every_seconds
        try:
            chore.do()
        except OperationalError:
            raise
        except Exception:
            log.exception("agenda.chore_failed", chore=chore.name)

"""What kinds of due work there are; apps fill this in their AppConfig.ready()."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

PUBLIC = "public"

# What is left to wait for when a run's turn is over.
Rest = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of due work.

    Attributes:
        name: `<app>.<verb>`, as written into the rows.
        handle: does what is due behind one key, inside the company's schema (or `public`). Safe
            to lose and safe to repeat: it asks its own rows what is due. What it returns, if
            anything, is called when its turn is over: to wait for others' answers while the next
            run goes on with the rest.
        due: the keys that have work outstanding, each with its earliest time; for one key when
            it is given, for all otherwise (`agenda rebuild`).
        queue: the Celery queue of its hints.
        is_exclusive: one run at a time for each key, for work that goes through what there is in
            batches: several at once would only get in each other's way (`core.agenda.alone`).
    """

    name: str
    handle: Callable[[str], Rest | None]
    due: Callable[[str | None], Iterable[tuple[str, datetime]]]
    queue: str = "default"
    is_exclusive: bool = False


registered: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Announce a kind of due work, once, at start-up."""
    if kind.name in registered:
        message = f"agenda kind {kind.name} is registered twice"
        raise ValueError(message)
    registered[kind.name] = kind

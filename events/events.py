"""Facts about the log itself: what staff did with it, and what it had to give up."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class EventsReplayed(Fact):
    """Staff began to have events handed over once more; `events` as counted at that moment."""

    type: ClassVar[str] = "events.replayed"
    replay_id: UUID
    events: int
    subscribers: list[str]
    with_effects: bool


@dataclass(frozen=True, kw_only=True)
class ReplayEnded(Fact):
    """A replay came to its end, or somebody stopped it."""

    type: ClassVar[str] = "events.replay_ended"
    replay_id: UUID
    state: str
    handed: int


@dataclass(frozen=True, kw_only=True)
class LettersQuarantined(Fact):
    """The first of a box was given up; more may follow before somebody empties it."""

    type: ClassVar[str] = "dead_letters.quarantined"
    box: str


@dataclass(frozen=True, kw_only=True)
class LettersRedriven(Fact):
    """Somebody had dead letters tried again, or threw them away (`action`)."""

    type: ClassVar[str] = "dead_letters.redriven"
    box: str
    action: str
    count: int

"""Within which time customers are promised an answer: the company's word, and its teams' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from conversations.enums import AwaitedReply
from conversations.opening import Opening


@dataclass(frozen=True, slots=True)
class Promise:
    """Minutes of business hours until the first answer, and until each further one; None: none."""

    first: int | None = None
    next: int | None = None

    def minutes(self, reply: AwaitedReply) -> int | None:
        return self.first if reply == AwaitedReply.FIRST else self.next


@dataclass(frozen=True, slots=True)
class Promises:
    """All that a company promises.

    Attributes:
        company: holds where a team says nothing of its own.
        teams: those that do, by id.
        opening: the hours that count.
    """

    company: Promise
    opening: Opening
    teams: Mapping[UUID, Promise] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is promised to anybody."""
        said = (self.company, *self.teams.values())
        return any(one.first is not None or one.next is not None for one in said)

    def minutes(self, reply: AwaitedReply, team_id: UUID | None) -> int | None:
        """What is promised to a customer of a team, or of none."""
        team = self.teams.get(team_id) if team_id else None
        own = team.minutes(reply) if team else None
        return self.company.minutes(reply) if own is None else own

    def due(self, *, since: datetime, reply: AwaitedReply, team_id: UUID | None) -> datetime | None:
        """Until when an answer is promised to who waits since then; None: nothing is promised."""
        minutes = self.minutes(reply, team_id)
        return None if minutes is None else self.opening.after(since, timedelta(minutes=minutes))

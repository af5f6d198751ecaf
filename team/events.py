"""Facts about the people of a company."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Fact):
    """Somebody became a member, for the first time or again."""

    type: ClassVar[str] = "member.joined"
    member_id: UUID
    role: str


@dataclass(frozen=True, kw_only=True)
class MemberRoleChanged(Fact):
    """A member has another role."""

    type: ClassVar[str] = "member.role_changed"
    member_id: UUID
    before: str
    role: str


@dataclass(frozen=True, kw_only=True)
class MemberLeft(Fact):
    """A membership ended; the member's row stays, inactive."""

    type: ClassVar[str] = "member.left"
    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class MemberAvailabilityChanged(Fact):
    """A member takes new conversations from now on, or takes none."""

    type: ClassVar[str] = "member.availability_changed"
    member_id: UUID
    is_available: bool


@dataclass(frozen=True, kw_only=True)
class TeamCreated(Fact):
    """There is a new team."""

    type: ClassVar[str] = "team.created"
    team_id: UUID


@dataclass(frozen=True, kw_only=True)
class TeamUpdated(Fact):
    """Its name, its members or how it takes conversations changed (`changed` names the fields)."""

    type: ClassVar[str] = "team.updated"
    team_id: UUID
    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class TeamDeleted(Fact):
    """A team is gone; its members stay in the company."""

    type: ClassVar[str] = "team.deleted"
    team_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class RetentionChanged(Fact):
    """The company keeps a kind of data for another time; days, None is for ever."""

    type: ClassVar[str] = "retention.changed"
    kind: str
    before: int | None
    days: int | None


@dataclass(frozen=True, kw_only=True)
class RetentionRan(Fact):
    """What was older than the company keeps it was forgotten; nights without any tell nothing."""

    type: ClassVar[str] = "retention.ran"
    kind: str
    count: int

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

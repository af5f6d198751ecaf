"""What happens to automations themselves. Their runs tell nothing: the log has them."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class AutomationPublished(Fact):
    """A version of it is in force."""

    type: ClassVar[str] = "automation.published"

    automation_id: UUID
    name: str
    number: int


@dataclass(frozen=True, kw_only=True)
class AutomationSwitched(Fact):
    """It starts from now on, or does not any more."""

    type: ClassVar[str] = "automation.switched"

    automation_id: UUID
    name: str
    is_on: bool


@dataclass(frozen=True, kw_only=True)
class AutomationDeleted(Fact):
    """It was put away."""

    type: ClassVar[str] = "automation.deleted"

    automation_id: UUID
    name: str

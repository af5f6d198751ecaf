"""Facts about endpoints, for the company's own log."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class EndpointChanged(Fact):
    """Somebody, or we, changed where events are sent: `change` is created, updated, activated,
    deactivated, disabled, deleted or secret_rotated."""

    type: ClassVar[str] = "endpoint.changed"

    endpoint_id: UUID
    name: str
    change: str

"""Facts about integrations."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class IntegrationConnected(Fact):
    """Another system may be used from now on, or again."""

    type: ClassVar[str] = "integration.connected"

    integration_id: UUID
    provider: str
    account: str


@dataclass(frozen=True, kw_only=True)
class IntegrationDisconnected(Fact):
    """Somebody let it go."""

    type: ClassVar[str] = "integration.disconnected"

    integration_id: UUID
    provider: str


@dataclass(frozen=True, kw_only=True)
class IntegrationStopped(Fact):
    """The other system refuses us: what is to be sent waits until somebody connects it again."""

    type: ClassVar[str] = "integration.stopped"

    integration_id: UUID
    provider: str
    code: str


@dataclass(frozen=True, kw_only=True)
class IntegrationChanged(Fact):
    """Somebody changed what is sent, which field is which, or how often it is read."""

    type: ClassVar[str] = "integration.changed"

    integration_id: UUID
    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class SyncFinished(Fact):
    """A reading of another system ended; its contacts tell facts of their own."""

    type: ClassVar[str] = "integration.synced"

    integration_id: UUID
    run: UUID
    state: str  # integrations.enums.SyncState
    read: int
    created: int
    updated: int

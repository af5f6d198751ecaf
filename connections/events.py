"""Facts about connections."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ConnectionConnected(Fact):
    """A number became this company's and may be used."""

    type: ClassVar[str] = "connection.connected"

    connection_id: UUID
    provider: str
    external_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ConnectionStopped(Fact):
    """The provider refuses us (token, ban, permission): nothing leaves until somebody acts."""

    type: ClassVar[str] = "connection.stopped"

    connection_id: UUID
    name: str
    code: str  # the provider's; connections.selectors.explain says it in words
    detail: str


@dataclass(frozen=True, kw_only=True)
class ConnectionPaused(Fact):
    """Sends wait: somebody paused it, or the provider throttles it until a time."""

    type: ClassVar[str] = "connection.paused"

    connection_id: UUID
    name: str
    code: str
    until: str  # ISO 8601; empty when somebody has to resume it


@dataclass(frozen=True, kw_only=True)
class ConnectionResumed(Fact):
    """It may send again."""

    type: ClassVar[str] = "connection.resumed"

    connection_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class TokenExpiring(Fact):
    """The access token of a number ends in so many days; then nothing leaves any more."""

    type: ClassVar[str] = "connection.token_expiring"

    connection_id: UUID
    name: str
    days: int
    expires_at: str  # ISO 8601


@dataclass(frozen=True, kw_only=True)
class ConnectionReleased(Fact):
    """The number is no longer this company's."""

    type: ClassVar[str] = "connection.released"

    connection_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class ConnectionUpdated(Fact):
    """What the provider says of the number changed: quality, limit, name, its token's end."""

    type: ClassVar[str] = "connection.updated"

    connection_id: UUID
    changed: list[str]

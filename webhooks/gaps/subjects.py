"""What should be heard of: the company's numbers and sources, and where they are mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from connections.enums import ConnectionState
from connections.models import Connection
from webhooks.gaps.enums import Noun
from webhooks.sources.enums import SourceState
from webhooks.sources.models import Source


@dataclass(frozen=True, slots=True)
class Subject:
    """A number or a source.

    Attributes:
        is_active: whether something is to be expected of it.
        page: the name of its page's route.
    """

    noun: Noun
    key: UUID
    name: str
    is_active: bool
    heard_at: datetime | None
    page: str

    @property
    def scope(self) -> str:
        """As incidents name it."""
        return f"{self.noun}:{self.key}"


def subjects() -> list[Subject]:
    """All of them, two queries."""
    return [*_connections(), *_sources()]


def _connections() -> Iterable[Subject]:
    rows = Connection.objects.filter(deleted_at=None).only("name", "state", "last_inbound_at")
    for row in rows.order_by("pk"):
        is_active = row.state == ConnectionState.ACTIVE
        yield Subject(
            Noun.CONNECTION, row.pk, row.name, is_active, row.last_inbound_at, "connection"
        )


def _sources() -> Iterable[Subject]:
    rows = Source.objects.filter(deleted_at=None).only("name", "state", "last_received_at")
    for row in rows.order_by("pk"):
        is_active = row.state == SourceState.ACTIVE
        yield Subject(Noun.SOURCE, row.pk, row.name, is_active, row.last_received_at, "source")

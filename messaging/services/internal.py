"""What stands in a thread and never leaves: notes of the team and lines of the system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from messaging.enums import Direction, MessageKind, Origin
from messaging.models import Message, Thread
from team.models import Member


@transaction.atomic
def write(
    *,
    thread: Thread,
    kind: MessageKind,
    content: Mapping[str, Any],
    author: Member | None = None,
    at: datetime | None = None,
) -> Message:
    """Put a line of ours into the thread's timeline.

    Args:
        kind: NOTE or SYSTEM.
        author: who did or wrote it; None for a program.
        at: its place there; now, unless given.
    """
    return Message.objects.create(
        thread=thread,
        contact_id=thread.contact_id,
        connection_id=thread.connection_id,
        direction=Direction.INTERNAL,
        kind=kind,
        origin=Origin.SYSTEM if author is None else Origin.AGENT,
        author=author,
        content=dict(content),
        address=thread.address,
        at=at or timezone.now(),
    )

"""Preflight: the real pipeline with its effects off, counted by reason."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from campaigns import recipients
from campaigns.models import Campaign


@dataclass(frozen=True, slots=True)
class Preflight:
    """What would happen if the campaign began now.

    Attributes:
        total: contacts of the audience; `sendable` of them get the message.
        skipped: how many do not, by reason code (messaging.reasons), the most frequent first.
        finishes_at: when the last one leaves at the connection's rate.
        sample: a contact's name and the values its message would carry.
    """

    total: int
    sendable: int
    skipped: dict[str, int] = field(default_factory=dict)
    finishes_at: datetime | None = None
    sample: dict[str, Any] | None = None

    @property
    def skipped_total(self) -> int:
        return self.total - self.sendable


def preflight(campaign: Campaign) -> Preflight:
    """Judge the whole audience without changing anything."""
    now = timezone.now()
    codes: Counter[str] = Counter()
    taken: set[str] = set()
    total, sample = 0, None
    run = recipients.Run(campaign)
    for contacts in run.chunks():
        judged = run.judge(contacts, taken=taken.intersection, now=now, effects=False)
        taken.update(item.address for item in judged if item.address)
        codes.update(item.skip_code for item in judged if item.skip_code)
        total += len(judged)
        sample = sample or _sample(judged)
    sendable = total - sum(codes.values())
    rate = sum(one.rate_per_second or settings.SEND_RATE_PER_SECOND for one in run.numbers.values())
    return Preflight(
        total=total,
        sendable=sendable,
        skipped=dict(codes.most_common()),
        finishes_at=now + timedelta(seconds=sendable / rate) if sendable else None,
        sample=sample,
    )


def _sample(judged: Sequence[recipients.Judged]) -> dict[str, Any] | None:
    """The values of the first one who will get the message, for the preview."""
    first = next((item for item in judged if not item.skip_code), None)
    if first is None:
        return None
    return {"contact": first.person.name, "values": first.values}

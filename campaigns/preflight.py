"""Preflight: the real pipeline with its effects off, counted by reason."""

from collections import Counter
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
    for contacts in recipients.chunks(campaign):
        judged = recipients.judge(campaign, contacts, taken=taken, now=now, effects=False)
        taken.update(item.address for item in judged if item.address)
        codes.update(item.skip_code for item in judged if item.skip_code)
        total += len(judged)
        sample = sample or recipients.sample(judged)
    sendable = total - sum(codes.values())
    rate = campaign.connection.rate_per_second or settings.SEND_RATE_PER_SECOND
    return Preflight(
        total=total,
        sendable=sendable,
        skipped=dict(codes.most_common()),
        finishes_at=now + timedelta(seconds=sendable / rate) if sendable else None,
        sample=sample,
    )

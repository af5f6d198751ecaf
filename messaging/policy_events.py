"""Facts about how a company sends and what stopped it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SendingPolicyChanged(Fact):
    """Somebody changed the sending rules; `before` and `after` hold the fields that differ."""

    type: ClassVar[str] = "sending_policy.changed"

    before: dict[str, Any]
    after: dict[str, Any]

"""Faults that a test scripts: which requests they hit and what happens to those."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from aiohttp import web

from sandbox.phones import canonical

BEFORE = frozenset({"reset_before_read", "429", "500_json"})
"""The request is not accepted (and so is ``error:<code>``)."""
AFTER = frozenset({"reset_after_read", "hang", "half_body", "500_html", "200_no_id", "slow"})
"""The request is accepted, its answer is spoiled or late."""
RECEIPTS = frozenset(
    {"dup_status", "shuffle_status", "drop_status", "status_before_response", "bad_signature"}
)
"""The answer is right, the webhooks that follow are not (and so is ``fail:<code>``)."""
INBOUND_FAULTS = frozenset({"bad_signature", "dup_status", "drop_status"})
"""What also strikes customers' messages."""
CONDITIONS = frozenset({"path", "method", "recipient", "connection", "type", "text_contains"})
_OPTIONS = frozenset({"when", "do", "times", "rate", "seconds", "copies", "retry_after"})


class FaultError(ValueError):
    """A rule is not one we know."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule can ask about a request."""

    path: str
    method: str
    recipient: str = ""
    connection: str = ""
    type: str = ""
    text: str = ""


@dataclass(slots=True)
class Rule:
    """``do`` this to requests that match ``when``, ``times`` times (0: always) at ``rate``."""

    do: str
    when: dict[str, Any] = field(default_factory=dict)
    times: int = 0
    rate: float = 1.0
    seconds: float | None = None
    copies: int = 2
    retry_after: int = 1
    fired: int = 0

    @property
    def code(self) -> int:
        """The number in ``error:<code>`` and ``fail:<code>``."""
        return int(self.do.partition(":")[2])

    def hits(self, facts: Facts) -> bool:
        """Whether every condition holds; a list means any of its values."""
        return all(_holds(name, wanted, facts) for name, wanted in self.when.items())

    def public(self) -> dict[str, Any]:
        """The rule as ``GET /_sandbox/faults`` shows it; ``left`` is null when unlimited."""
        return {
            "do": self.do,
            "when": self.when,
            "times": self.times or None,
            "rate": self.rate,
            "fired": self.fired,
            "left": self.times - self.fired if self.times else None,
        }


FAULT = web.RequestKey("fault", Rule)
"""The rule that strikes a request, for its handler."""


class Faults:
    """The armed rules of every provider; the first one that matches decides."""

    def __init__(self) -> None:
        self._rules: dict[str, list[Rule]] = {}
        self._random = random.Random(7)

    def arm(self, provider: str, rules: list[dict[str, Any]], *, seed: int) -> None:
        """Add rules behind those already armed. Raises FaultError; then none is added."""
        fresh = [_rule(data) for data in rules]
        self._random.seed(seed)
        self._rules.setdefault(provider, []).extend(fresh)

    def clear(self, provider: str = "") -> None:
        """Disarm one provider's rules, or all."""
        if provider:
            self._rules.pop(provider, None)
        else:
            self._rules.clear()

    def armed(self, provider: str) -> bool:
        """Whether requests of this provider need to be looked at."""
        return bool(self._rules.get(provider))

    def take(
        self, provider: str, facts: Facts, *, only: frozenset[str] | None = None
    ) -> Rule | None:
        """The rule that strikes this request, counted as fired; ``only`` narrows to its kinds."""
        for rule in self._rules.get(provider, ()):
            if only is not None and rule.do not in only:
                continue
            if rule.times and rule.fired >= rule.times:
                continue
            if rule.hits(facts) and self._random.random() < rule.rate:
                rule.fired += 1
                return rule
        return None

    def public(self) -> dict[str, Any]:
        """Everything armed, by provider."""
        return {
            provider: [rule.public() for rule in rules] for provider, rules in self._rules.items()
        }


def _rule(data: dict[str, Any]) -> Rule:
    if not isinstance(data, dict) or not set(data) <= _OPTIONS:
        raise FaultError(f"a rule has these keys: {', '.join(sorted(_OPTIONS))}")
    do = str(data.get("do", ""))
    name, _, code = do.partition(":")
    if not (do in BEFORE | AFTER | RECEIPTS or (name in ("error", "fail") and code.isdigit())):
        raise FaultError(f"unknown fault: {do!r}")
    when = data.get("when") or {}
    if not isinstance(when, dict) or not set(when) <= CONDITIONS:
        raise FaultError(f"conditions are: {', '.join(sorted(CONDITIONS))}")
    values = {key: value for key, value in data.items() if key != "when" and value is not None}
    return Rule(**{**values, "do": do, "when": when})


def _holds(name: str, wanted: Any, facts: Facts) -> bool:
    if isinstance(wanted, list):
        return any(_holds(name, one, facts) for one in wanted)
    value, wanted = str(getattr(facts, "text" if name == "text_contains" else name)), str(wanted)
    if name == "recipient":
        return canonical(value) == canonical(wanted)
    if name == "text_contains":
        return wanted in value
    if name == "path":
        return fnmatchcase(value, wanted) if "*" in wanted else wanted in value
    return value.lower() == wanted.lower()

"""The gate: may this message go out, now? It judges batches, never single rows in a loop.

Checks are set-based loaders that apps register in `AppConfig.ready()`; each looks at the whole
batch and returns verdicts only for the messages it does not let pass. Those marked volatile run
again for the wave at wire time. A verdict stores codes and inputs, not text.
Preflight is the same code with effects off.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

from connections.models import Connection
from messaging.enums import MessageKind
from messaging.models import Message


class Decision(StrEnum):
    """May this message leave: now, at a later time, or never."""

    ALLOW = "allow"
    DELAY = "delay"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the gate has to know of one message, stored or only thought of."""

    id: UUID
    contact_id: UUID
    connection_id: UUID
    address: str
    kind: str  # MessageKind
    purpose: str  # crm.enums.Purpose
    template_id: UUID | None = None
    stream_id: UUID | None = None
    media_id: UUID | None = None

    @classmethod
    def of(cls, message: Message) -> "Candidate":
        """The candidate that a stored (or only built) message is."""
        return cls(
            id=message.pk,
            contact_id=message.contact_id,
            connection_id=message.connection_id,
            address=message.address,
            kind=message.kind,
            purpose=message.purpose,
            template_id=message.template_id,
            stream_id=message.stream_id,
            media_id=message.media_id,
        )

    @property
    def is_free_form(self) -> bool:
        """Whether it needs an open window: everything but a template."""
        return self.kind != MessageKind.TEMPLATE


@dataclass(frozen=True, slots=True)
class Verdict:
    """allow, delay until, or deny; with the code (`messaging.reasons`) and what led to it."""

    decision: Decision
    code: str = ""
    until: datetime | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def trace(self) -> dict[str, Any]:
        """As `Message.trace` stores it."""
        trace: dict[str, Any] = {"decision": self.decision.value, "code": self.code}
        if self.until is not None:
            trace["until"] = self.until.isoformat()
        return {**trace, "inputs": dict(self.inputs)} if self.inputs else trace


ALLOWED = Verdict(Decision.ALLOW)


def deny(code: str, **inputs: Any) -> Verdict:
    """Never, for this message."""
    return Verdict(Decision.DENY, code, inputs=inputs)


def delay(code: str, until: datetime, **inputs: Any) -> Verdict:
    """Not now: judge it again at `until`."""
    return Verdict(Decision.DELAY, code, until, inputs)


@dataclass(slots=True)
class Moment:
    """When and how a batch is judged. Without effects nothing may be written or used up."""

    now: datetime
    effects: bool
    _connections: dict[UUID, Connection] = field(default_factory=dict)

    def connections(self, batch: Sequence[Candidate]) -> dict[UUID, Connection]:
        """The connections of a batch, by id, looked up once for all rules."""
        missing = {item.connection_id for item in batch} - self._connections.keys()
        if missing:
            self._connections |= Connection.objects.defer("credentials").in_bulk(missing)
        return self._connections


Verdicts = Mapping[UUID, Verdict]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule. `judge` gets the candidates still standing and returns those it stops, by id."""

    name: str
    order: int
    judge: Callable[[Sequence[Candidate], Moment], Verdicts]
    volatile: bool = False


class Ask(Enum):
    """Which rules are asked: the sender asks the steady ones when it claims, the others for each
    wave at the wire, so none is asked twice."""

    ALL = "all"
    STEADY = "steady"
    VOLATILE = "volatile"

    def covers(self, check: Check) -> bool:
        return self is Ask.ALL or check.volatile == (self is Ask.VOLATILE)


_checks: list[Check] = []


def register(check: Check) -> None:
    """Add a rule, once, at start-up; smaller orders are asked first."""
    if any(known.name == check.name for known in _checks):
        message = f"gate check {check.name} is registered twice"
        raise ValueError(message)
    _checks.append(check)
    _checks.sort(key=lambda item: (item.order, item.name))


def judge(
    batch: Sequence[Candidate],
    *,
    now: datetime,
    effects: bool = True,
    ask: Ask = Ask.ALL,
) -> list[Verdict]:
    """Judge a batch; the verdicts stand in the order of the batch.

    A message is denied by the first rule that denies it; delays do not end the questions, for a
    message that would be denied anyway need not wait, and the latest of them holds.
    """
    stopped: dict[UUID, Verdict] = {}
    delayed: dict[UUID, Verdict] = {}
    moment = Moment(now=now, effects=effects)
    for check in _checks:
        if not ask.covers(check):
            continue
        standing = [item for item in batch if item.id not in stopped]
        if not standing:
            break
        for key, verdict in check.judge(standing, moment).items():
            if verdict.decision == Decision.DENY:
                stopped[key] = verdict
            elif key not in delayed or _later(verdict, delayed[key]):
                delayed[key] = verdict
    return [stopped.get(item.id) or delayed.get(item.id) or ALLOWED for item in batch]


def _later(one: Verdict, other: Verdict) -> bool:
    return one.until is not None and other.until is not None and one.until > other.until

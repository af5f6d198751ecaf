"""The gate: may this message go out, now? It judges batches, never single rows in a loop.

Checks are set-based loaders that apps register in `AppConfig.ready()`; each looks at the whole
batch and returns verdicts only for the messages it does not let pass. Those marked volatile run
again for the wave at wire time. A verdict stores codes and inputs, not text.
Preflight is the same code with effects off.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from core.navigation import Text
from crm.enums import Purpose
from messaging.enums import MessageKind
from messaging.models import Message
from messaging.moment import Memory, Moment
from messaging.plain import text_of

__all__ = [
    "ALLOWED",
    "Ask",
    "Candidate",
    "Check",
    "Decision",
    "Memory",
    "Moment",
    "Verdict",
    "Verdicts",
    "delay",
    "deny",
    "judge",
    "judge_at",
    "labels",
    "register",
]


class Decision(StrEnum):
    """May this message leave: now, at a later time, or never."""

    ALLOW = "allow"
    DELAY = "delay"
    DENY = "deny"


class Candidate(NamedTuple):
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
    expires_at: datetime | None = None
    segments: int | None = None  # parts of an SMS, where they are counted already
    text: str = ""  # what it says, while no row holds it (an SMS does not repeat itself)

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
            expires_at=message.expires_at,
            segments=message.segments,
            text=text_of(message.content),
        )

    @property
    def is_free_form(self) -> bool:
        """Whether it needs an open window: everything but a template."""
        return self.kind != MessageKind.TEMPLATE

    @property
    def is_answer(self) -> bool:
        """Somebody's answer in an open conversation: no hour and no budget holds it back."""
        return self.is_free_form and self.purpose == Purpose.SERVICE and self.stream_id is None


@dataclass(frozen=True, slots=True)
class Verdict:
    """allow, delay until, or deny; with the code (`messaging.reasons`) and what led to it.

    Attributes:
        steps: where it stops a message: every rule that was asked, in order, with what it said
            (None: it let the message pass).
    """

    decision: Decision
    code: str = ""
    until: datetime | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    steps: "tuple[tuple[str, Verdict | None], ...]" = ()

    @property
    def trace(self) -> dict[str, Any]:
        """As `Message.trace` stores it: the verdict, `rule` that spoke it, the rules that were
        `asked` in their order, and what others of them `said` against the message."""
        trace: dict[str, Any] = {"decision": self.decision.value, "code": self.code}
        if self.until is not None:
            trace["until"] = self.until.isoformat()
        if self.inputs:
            trace["inputs"] = dict(self.inputs)
        if self.steps:
            trace["asked"] = [name for name, _ in self.steps]
            spoken = {name: said for name, said in self.steps if said is not None}
            trace["rule"] = next(name for name, said in spoken.items() if said.code == self.code)
            others = {name: said.trace for name, said in spoken.items() if name != trace["rule"]}
            if others:
                trace["said"] = others
        return trace


ALLOWED = Verdict(Decision.ALLOW)


def deny(code: str, **inputs: Any) -> Verdict:
    """Never, for this message."""
    return Verdict(Decision.DENY, code, inputs=inputs)


def delay(code: str, until: datetime, **inputs: Any) -> Verdict:
    """Not now: judge it again at `until`."""
    return Verdict(Decision.DELAY, code, until, inputs)


Verdicts = Mapping[UUID, Verdict]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule. `judge` gets the candidates still standing and returns those it stops, by id.

    Attributes:
        label: what is true of a message that it lets pass, for people ("The contact allows it").
        takes: what it lets pass uses something up (`Moment.is_at_wire`: now); it is asked of
            those alone whom nothing before it stops or delays.
        channel: it is asked of messages on this channel alone (crm.enums.Channel).
    """

    name: str
    order: int
    judge: Callable[[Sequence[Candidate], Moment], Verdicts]
    volatile: bool = False
    takes: bool = False
    label: Text = ""
    channel: str = ""

    def concerns(self, channel: str) -> bool:
        """Whether it is asked of messages on this channel."""
        return not self.channel or self.channel == channel


class Ask(Enum):
    """Which rules are asked: the sender asks the steady ones when it claims, the others for each
    wave at the wire, so none is asked twice. Who plans a run asks those that may deny: what uses
    something up only delays, and is asked at the wire."""

    ALL = "all"
    STEADY = "steady"
    VOLATILE = "volatile"
    DENIALS = "denials"
    TAKES = "takes"

    def covers(self, check: Check) -> bool:
        if self in (Ask.DENIALS, Ask.TAKES):
            return check.takes == (self is Ask.TAKES)
        return self is Ask.ALL or check.volatile == (self is Ask.VOLATILE)


_checks: list[Check] = []


def register(check: Check) -> None:
    """Add a rule, once, at start-up; smaller orders are asked first."""
    if any(known.name == check.name for known in _checks):
        message = f"gate check {check.name} is registered twice"
        raise ValueError(message)
    _checks.append(check)
    _checks.sort(key=lambda item: (item.order, item.name))


def labels() -> dict[str, Text]:
    """The rules by name, in the order in which they are asked, with what they mean for people."""
    return {check.name: check.label or check.name for check in _checks}


def judge(
    batch: Sequence[Candidate],
    *,
    now: datetime,
    effects: bool = True,
    ask: Ask = Ask.ALL,
    memory: Memory | None = None,
) -> list[Verdict]:
    """Judge a batch; the verdicts stand in the order of the batch.

    A message is denied by the first rule that denies it; delays do not end the questions, for a
    message that would be denied anyway need not wait, and the latest of them holds.

    Args:
        memory: give the same one to the chunks of a preflight, so that what the first would use
            up the next does not have any more.
    """
    return judge_at(Moment(now, effects, memory=memory or Memory()), batch, ask=ask)


def judge_at(moment: Moment, batch: Sequence[Candidate], *, ask: Ask) -> list[Verdict]:
    """As `judge`, with what one has looked up already for this batch."""
    channels = moment.channels(batch)
    present = set(channels.values())
    checks = [
        check
        for check in _checks
        if ask.covers(check) and any(check.concerns(one) for one in present)
    ]
    said: dict[UUID, dict[str, Verdict]] = {}
    denied: set[UUID] = set()
    for check in checks:
        away = said if check.takes else denied
        standing = [item for item in batch if item.id not in away] if away else batch
        if not standing:
            break
        if check.channel and len(present) > 1:
            standing = [item for item in standing if check.concerns(channels[item.connection_id])]
        for key, verdict in check.judge(standing, moment).items():
            said.setdefault(key, {})[check.name] = verdict
            if verdict.decision == Decision.DENY:
                denied.add(key)
    return [
        _sum(said[item.id], [one for one in checks if one.concerns(channels[item.connection_id])])
        if item.id in said
        else ALLOWED
        for item in batch
    ]


def _sum(said: Mapping[str, Verdict], checks: Sequence[Check]) -> Verdict:
    """What holds of all that was said of one message: the denial, else the latest delay."""
    last = list(said.values())[-1]
    is_denied = last.decision == Decision.DENY
    chosen = last if is_denied else max(said.values(), key=_until)
    return replace(chosen, steps=tuple(_steps(said, checks)))


def _steps(
    said: Mapping[str, Verdict], checks: Sequence[Check]
) -> Iterator[tuple[str, Verdict | None]]:
    """The rules that were asked of a message, to the one that denied it."""
    is_stopped = False
    for check in checks:
        if check.takes and is_stopped:
            continue
        verdict = said.get(check.name)
        yield check.name, verdict
        is_stopped = is_stopped or verdict is not None
        if verdict is not None and verdict.decision == Decision.DENY:
            return


def _until(verdict: Verdict) -> datetime:
    assert verdict.until is not None  # whatever delays says until when  # noqa: S101
    return verdict.until

"""Why was this not sent (yet)? The gate's trace in everyday words, with the next step.

`of(message)` reads what is stored: the verdict with its inputs, the rules that were asked, and the
states of the message and its run. The sentences with inputs stand in `messaging.why_sentences`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from messaging import gate, reasons, why_sentences
from messaging.enums import PublicState, StreamState
from messaging.models import Message
from messaging.selectors import public_state
from tenants.links import company_path
from tenants.models import Company

# Whose page holds the next step: by the beginning of a code, or by the code.
_CONTACT = ("no_consent", "opted_out", "suppressed", "address_", "contact_", "variable_missing")
_TEMPLATE = ("template_",)
_CONNECTION = ("connection_", "tier_limit", "auth", "kind_unsupported")
_POLICY = ("quiet_hours", "frequency_cap", "sms_", "budget_reached", "window_never")


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was asked: its name, what it means, and what it said (empty: it agreed)."""

    rule: str
    label: str
    code: str = ""
    sentence: str = ""

    @property
    def passed(self) -> bool:
        return not self.code


@dataclass(frozen=True, slots=True)
class Next:
    """Where to do something about it: a page by its route; `permission` says who may open it."""

    label: str
    route: str
    permission: str
    id: UUID | None = None

    def path(self, company: Company) -> str:
        """Its address on the platform's host."""
        return company_path(company, self.route, **({"id": self.id} if self.id else {}))


@dataclass(frozen=True, slots=True)
class Why:
    """The answer.

    Attributes:
        code: of `messaging.reasons` or the provider; empty when nothing speaks against it.
        until: when it is looked at again, by itself.
        steps: the rules that were asked, in order; empty when the gate had no objection.
    """

    state: str
    code: str
    sentence: str
    advice: str = ""
    until: datetime | None = None
    leaves: str = ""
    next: Next | None = None
    steps: tuple[Step, ...] = ()


def of(message: Message) -> Why:
    """What stands between a message and its recipient, or stood (with `connection`, `stream` and
    `template` at hand it asks nothing)."""
    state = public_state(message) or ""
    if not message.code:
        return Why(state=state, code="", sentence=_unhindered(message, state))
    trace: Mapping[str, Any] = message.trace or {}
    # A verdict of the gate that something else followed upon explains nothing any more.
    spoken = trace if trace.get("code") == message.code else {}
    reason = reasons.explain(message.code, provider=message.connection.provider)
    until = message.due_at if state == PublicState.QUEUED else None
    return Why(
        state=state,
        code=message.code,
        sentence=why_sentences.sentence(spoken) or str(reason.sentence),
        advice=str(reason.advice),
        until=until,
        leaves=why_sentences.leaves(until, spoken) if until else "",
        next=_next(message),
        steps=_steps(spoken, message.connection.provider),
    )


def _unhindered(message: Message, state: str) -> str:
    if state == PublicState.QUEUED:
        return _waiting(message)
    if state == PublicState.SENDING:
        return _("It is being sent right now.")
    if state == PublicState.RECEIVED:
        return _("The contact sent it to you.")
    return _("It was sent; nothing spoke against it.")


def _waiting(message: Message) -> str:
    stream = message.stream
    if stream is None or stream.state == StreamState.RUNNING:
        return _("It waits for its turn: messages leave one after the other.")
    if stream.state == StreamState.PAUSED:
        return _("Its campaign is paused. It leaves when the campaign goes on.")
    return _("Its campaign has not begun.")


def _steps(trace: Mapping[str, Any], provider: str) -> tuple[Step, ...]:
    labels = gate.labels()
    others: Mapping[str, Any] = trace.get("said", {})
    spoken = {**others, trace.get("rule", ""): trace}
    steps = []
    for name in trace.get("asked", ()):
        label = str(labels.get(name, name))
        if name not in spoken:
            steps.append(Step(name, label))
            continue
        code = spoken[name]["code"]
        said = why_sentences.sentence(spoken[name])
        plain = reasons.explain(code, provider=provider).sentence
        steps.append(Step(name, label, code, said or str(plain)))
    return tuple(steps)


def _next(message: Message) -> Next | None:
    code = message.code
    if code.startswith(_POLICY):
        return Next(_("Open the sending rules"), "sending-policy", "company.manage")
    if code.startswith(_CONTACT):
        return Next(_("Open the contact"), "contact", "contacts.view", message.contact_id)
    if code.startswith(_TEMPLATE) and message.template_id is not None:
        return Next(_("Open the template"), "template", "templates.view", message.template_id)
    if code.startswith(_CONNECTION):
        return Next(_("Open the number"), "connection", "connections.view", message.connection_id)
    return None

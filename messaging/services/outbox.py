"""The outbox: how messages come to be sent. Recipients of a run are planned in bulk; everything
else, from a person's answer to an API call, goes through `send`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from connections.models import Connection
from core import agenda
from core.errors import Conflict
from core.ids import uuid7
from crm.enums import Purpose
from crm.models import Contact
from messaging import gate, progress, reasons
from messaging.agenda import REPLY
from messaging.bodies import Body
from messaging.enums import Direction, DispatchState, MessageKind, Origin, PublicState
from messaging.models import Message, Stream, Template
from messaging.services import threads
from team.models import Member

PLAN_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient of a run: a contact, where, and the template's values frozen now.

    `skip_code` (messaging.reasons) plans the row as skipped, so that everybody of the audience is
    counted and shown with the reason.
    """

    contact_id: UUID
    connection_id: UUID
    address: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    skip_code: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of the recipients: duplicates had a row already (contact or address)."""

    planned: int
    skipped: int
    duplicates: int


def plan(
    *, stream: Stream, template: Template, purpose: str, recipients: Sequence[Recipient]
) -> Planned:
    """Write recipients into a run, in one statement per thousand; a repeat changes nothing.

    A contact or an address that the run already has is left out, so a crashed preparation is
    simply run again, and overlapping lists collapse.

    Args:
        purpose: crm.enums.Purpose; marketing needs a recorded opt-in at the gate.
    """
    rows = [_planned_row(stream, template, purpose, item) for item in recipients]
    with transaction.atomic():
        Message.objects.bulk_create(rows, batch_size=PLAN_BATCH, ignore_conflicts=True)
        written = dict(
            Message.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "dispatch")
        )
    skipped = sum(state == DispatchState.SKIPPED for state in written.values())
    return Planned(
        planned=len(written) - skipped, skipped=skipped, duplicates=len(rows) - len(written)
    )


def _planned_row(stream: Stream, template: Template, purpose: str, recipient: Recipient) -> Message:
    is_skipped = bool(recipient.skip_code)
    verdict = gate.deny(recipient.skip_code, **recipient.inputs) if is_skipped else None
    return Message(
        id=uuid7(),
        stream=stream,
        contact_id=recipient.contact_id,
        connection_id=recipient.connection_id,
        address=recipient.address,
        template=template,
        kind=MessageKind.TEMPLATE,
        direction=Direction.OUT,
        origin=Origin.CAMPAIGN,
        variables=dict(recipient.variables),
        content=dict(recipient.content),
        purpose=purpose,
        priority=stream.priority,
        dispatch=DispatchState.SKIPPED if is_skipped else DispatchState.PLANNED,
        code=recipient.skip_code,
        trace=verdict.trace if verdict else None,
    )


@transaction.atomic
def send(
    *,
    contact: Contact,
    connection: Connection,
    address: str,
    body: Body,
    origin: Origin,
    author: Member | None = None,
    purpose: str = Purpose.SERVICE,
    reply_to: Message | None = None,
) -> Message:
    """Send one message, ahead of every run: stored, and on its way when this commits.

    Args:
        address: where the contact is reached at this connection (`crm.services.identities`).
        body: made by `messaging.bodies`.
        purpose: marketing needs an opt-in, also here.
        reply_to: the message that it quotes.

    Raises:
        core.errors.Conflict: the gate denies it (window closed, opted out, template not approved,
            …); the error's code is the reason's, and nothing was stored.
    """
    now = timezone.now()
    thread = threads.get_or_create(
        contact_id=contact.pk, connection_id=connection.pk, address=address
    )
    message = Message(
        thread=thread,
        contact=contact,
        connection=connection,
        direction=Direction.OUT,
        kind=body.kind,
        content=dict(body.content),
        template=body.template,
        variables=dict(body.variables),
        media=body.media,
        origin=origin,
        author=author,
        reply_to=reply_to,
        address=address,
        purpose=purpose,
        priority=0,
        at=now,
        dispatch=DispatchState.QUEUED,
        due_at=now,
    )
    [verdict] = gate.judge([gate.Candidate.of(message)], now=now)
    _refuse_or_delay(message, verdict, connection)
    message.save(force_insert=True)
    agenda.append(REPLY, str(connection.pk), message.due_at)
    progress.tell([progress.Progress(message.pk, thread.pk, None, PublicState.QUEUED)])
    return message


def _refuse_or_delay(message: Message, verdict: gate.Verdict, connection: Connection) -> None:
    if verdict.decision == gate.Decision.DENY:
        reason = reasons.explain(verdict.code, provider=connection.provider)
        raise Conflict(verdict.code, f"{reason.sentence} {reason.advice}".strip())
    if verdict.decision == gate.Decision.DELAY:
        message.due_at, message.code, message.trace = verdict.until, verdict.code, verdict.trace

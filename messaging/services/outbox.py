"""The outbox: how single messages come to be sent, from a person's answer to an API call.
Recipients of a run are planned in bulk (`messaging.services.planning`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from connections.selectors import provider_of
from core import agenda
from core.errors import Conflict, Invalid
from crm.enums import Channel, Purpose
from crm.models import Contact
from messaging import gate, progress, reasons, retention, segments
from messaging.agenda import EXPIRE, PUMP, REPLY
from messaging.bodies import Body
from messaging.enums import (
    CLAIMABLE,
    Direction,
    DispatchState,
    MessageKind,
    Origin,
    PublicState,
    Rank,
    TemplateCategory,
)
from messaging.gate_checks import sms
from messaging.models import Message
from messaging.plain import text_of
from messaging.services import expiry, threads
from team.models import Member

# What may have to arrive even at the price of arriving twice.
TRANSACTIONAL = (TemplateCategory.AUTHENTICATION, TemplateCategory.UTILITY)
RESENDABLE = (DispatchState.REJECTED, DispatchState.UNCONFIRMED, DispatchState.EXPIRED)
# The gate's reasons that end with the pause of a number or the suspension of a company.
WAITS_FOR_THE_NUMBER = ("connection_paused", "connection_stopped", "company_suspended")


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
    resend_of: Message | None = None,
    at_least_once: bool = False,
    variant: str = "",
    send_key: UUID | None = None,
) -> Message:
    """Send one message, ahead of every run: stored, and on its way when this commits.

    Args:
        address: where the contact is reached at this connection (`crm.services.identities`).
        body: made by `messaging.bodies`.
        purpose: marketing needs an opt-in, also here.
        reply_to, resend_of: the message that it quotes, or takes the place of (`resend`).
        at_least_once: better twice than never: what may have left leaves once more. For service
            templates of the categories authentication and utility alone.
        variant: `messaging.enums.TEST` for the try of a campaign.
        send_key: of callers that may come twice; it is stored once.

    Raises:
        core.errors.Conflict: the gate denies it; the code is the reason's, and nothing was stored.
        core.errors.Invalid: it may not choose to be sent at least once.
    """
    if at_least_once:
        _ensure_transactional(body, purpose)
    now = timezone.now()
    thread = threads.get_or_create(
        contact_id=contact.pk, connection_id=connection.pk, address=address
    )
    message = Message(
        **_content(body),
        **_fate(now, expiry.single_end(now=now, template=body.template, thread=thread)),
        thread=thread,
        contact=contact,
        connection=connection,
        origin=origin,
        author=author,
        reply_to=reply_to,
        resend_of=resend_of,
        address=address,
        purpose=purpose,
        at_least_once=at_least_once,
        variant=variant,
        segments=_segments(connection, body),
        **({"send_key": send_key} if send_key else {}),
    )
    [verdict] = gate.judge([gate.Candidate.of(message)], now=now)
    _refuse_or_delay(message, verdict, connection)
    message.save(force_insert=True)
    agenda.append(REPLY, str(connection.pk), message.due_at)
    progress.tell([progress.Progress(message.pk, thread.pk, None, PublicState.QUEUED)])
    return message


@transaction.atomic
def resend(*, message: Message, author: Member | None) -> Message:
    """Send what failed once more, as a new message that is linked to it.

    Only what surely did not arrive, or what nobody confirmed: a message that is still unclear
    waits for its evidence, and what is on its way is not sent beside itself.

    Raises:
        core.errors.Conflict: it may not be sent again (`resend_unclear`, `resend_again`,
            `resend_not_failed`, `resend_forgotten`), or the gate denies it.
    """
    former = (
        Message.objects.select_for_update(of=("self",))
        .select_related("contact", "connection", "template", "media", "reply_to", "thread")
        .get(pk=message.pk)
    )
    _ensure_resendable(former)
    sms.release([former.pk])
    return send(
        contact=former.contact,
        connection=former.connection,
        address=former.thread.address if former.thread else former.address,
        body=Body(
            kind=MessageKind(former.kind),
            content=former.content,
            template=former.template,
            variables=former.variables,
            media=former.media,
        ),
        origin=Origin.AGENT if author else Origin.API,
        author=author,
        purpose=former.purpose,
        reply_to=former.reply_to,
        resend_of=former,
    )


def resendable(messages: Iterable[Message]) -> set[UUID]:
    """Which of these `resend` would take: they failed, and were not sent again already. One query
    when some failed, none otherwise."""
    failed = {
        message.pk: message.contact_id
        for message in messages
        if _has_failed(message) and not _is_forgotten(message)
    }
    if not failed:
        return set()
    # By the contacts, which have an index.
    again = Message.objects.filter(contact_id__in=set(failed.values()), resend_of__in=failed)
    return failed.keys() - set(_on_their_way(again).values_list("resend_of_id", flat=True))


def wake(*, connection_id: UUID) -> None:
    """Have everything that waited for a number, or for its company, look again now."""
    Message.objects.filter(
        connection_id=connection_id, dispatch__in=CLAIMABLE, code__in=WAITS_FOR_THE_NUMBER
    ).update(due_at=timezone.now())
    for kind in (PUMP, REPLY):
        agenda.append(kind, str(connection_id))


def _segments(connection: Connection, body: Body) -> int | None:
    """The parts of an SMS; None on other channels."""
    if provider_of(connection).channel != Channel.SMS:
        return None
    return segments.count(text_of(body.content)).parts


def _content(body: Body) -> dict[str, Any]:
    return {
        "direction": Direction.OUT,
        "kind": body.kind,
        "content": dict(body.content),
        "template": body.template,
        "variables": dict(body.variables),
        "media": body.media,
    }


def _fate(now: datetime, expires_at: datetime) -> dict[str, Any]:
    """Due at once, ahead of every run."""
    return {
        "priority": 0,
        "at": now,
        "dispatch": DispatchState.QUEUED,
        "due_at": now,
        "expires_at": expires_at,
    }


def _ensure_transactional(body: Body, purpose: str) -> None:
    is_transactional = body.template is not None and body.template.category in TRANSACTIONAL
    if purpose != Purpose.SERVICE or not is_transactional:
        raise Invalid(
            {
                "at_least_once": _(
                    "Only authentication and utility templates may be sent at least once."
                )
            }
        )


def _ensure_resendable(message: Message) -> None:
    if message.dispatch == DispatchState.UNKNOWN:
        raise Conflict(
            "resend_unclear",
            _("It may have been sent. Wait until that is clear, then you can send it again."),
        )
    if not _has_failed(message):
        raise Conflict("resend_not_failed", _("This message did not fail."))
    if _is_forgotten(message):
        raise Conflict("resend_forgotten", _("What this message said was removed."))
    if not resendable([message]):
        raise Conflict("resend_again", _("This message was sent again already."))


def _has_failed(message: Message) -> bool:
    """Whether it surely did not arrive, or nobody confirmed it in time."""
    failed_later = (
        message.dispatch == DispatchState.ACCEPTED
        and message.failed_at is not None
        and message.rank < Rank.DELIVERED
    )
    return message.dispatch in RESENDABLE or failed_later


def _is_forgotten(message: Message) -> bool:
    """Whether its words, or its file, were kept long enough."""
    return message.content == retention.GONE or (
        message.media is not None and message.media.error == retention.GONE_FILE
    )


def _on_their_way(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Those that did not fail in their turn."""
    return messages.exclude(dispatch__in=(*RESENDABLE, DispatchState.SKIPPED))


def _refuse_or_delay(message: Message, verdict: gate.Verdict, connection: Connection) -> None:
    if verdict.decision == gate.Decision.DENY:
        reason = reasons.explain(verdict.code, provider=connection.provider)
        raise Conflict(verdict.code, f"{reason.sentence} {reason.advice}".strip())
    if verdict.decision == gate.Decision.DELAY:
        message.due_at, message.code, message.trace = verdict.until, verdict.code, verdict.trace
        agenda.append(EXPIRE, "", message.expires_at)

"""Recipients of a run become rows: planned in bulk, and put together anew while they wait.

A contact or an address that the run already has is left out, so a crashed preparation is simply
run again, and overlapping lists collapse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from core.bulk import array, insert_ignoring
from core.ids import uuid7
from messaging.enums import OPEN_STATES, REST, Direction, DispatchState, MessageKind, Origin
from messaging.models import Message, Stream

# What has not left yet. A claimed row of a paused run goes back to the queue unsent: its epoch
# has passed (dispatch.claim).
REPLANNABLE = tuple(set(OPEN_STATES) - {DispatchState.SENDING, DispatchState.UNKNOWN})

_REPLAN = """
    UPDATE messaging_message m
    SET template_id = v.template_id, purpose = v.purpose, variant = v.variant,
        media_id = v.media_id, variables = v.variables, content = v.content,
        segments = v.segments,
        content_version = %(version)s, code = v.code, trace = v.trace,
        due_at = CASE WHEN v.variant <> %(rest)s THEN coalesce(m.due_at, %(now)s) END,
        dispatch = CASE WHEN v.code = '' THEN m.dispatch ELSE 'skipped' END,
        claim_token = CASE WHEN v.code = '' THEN m.claim_token END
    FROM (
        SELECT id::uuid, template_id::uuid, purpose, variant, variables::jsonb, content::jsonb,
               code, NULLIF(media_id, '')::uuid AS media_id, NULLIF(trace, '')::jsonb AS trace,
               NULLIF(segments, '')::smallint AS segments
        FROM unnest(%(ids)s::text[], %(templates)s::text[], %(purposes)s::text[],
                    %(variants)s::text[], %(media)s::text[], %(variables)s::text[],
                    %(contents)s::text[], %(codes)s::text[], %(traces)s::text[],
                    %(segments)s::text[])
             AS t(id, template_id, purpose, variant, media_id, variables, content, code, trace,
                  segments)) v
    WHERE m.id = v.id AND m.dispatch = ANY(%(replannable)s)
    RETURNING m.id, m.dispatch
"""


@dataclass(slots=True)
class Recipient:
    """One recipient of a run: who, from where, and the message frozen now.

    Attributes:
        content: what is shown (`Message.content`), as JSON text or as its values.
        skip_code: a reason (messaging.reasons): the row is planned as skipped, so that everybody
            of the audience is counted and shown.
        trace: what led to that, as `gate.Verdict.trace`.
    """

    contact_id: UUID
    connection_id: UUID
    address: str
    template_id: UUID
    purpose: str
    variables: dict[str, str] = field(default_factory=dict)
    content: str | dict[str, Any] = "{}"
    variant: str = ""
    media_id: UUID | None = None
    resend_of: UUID | None = None
    segments: int | None = None  # parts of an SMS
    skip_code: str = ""
    trace: dict[str, Any] | None = None
    id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of the recipients: duplicates had a row already (contact or address)."""

    written: frozenset[UUID]  # ids of the new rows, skipped ones among them
    planned: int
    skipped: int
    duplicates: int


def plan(*, stream: Stream, recipients: Sequence[Recipient]) -> Planned:
    """Write recipients into a run, in one statement; a repeat changes nothing.

    They are due at once, that is as soon as the run goes on; the rest of a test has no time until
    its content is decided.
    """
    now = timezone.now()
    columns: dict[str, list[Any]] = {
        "id": [one.id for one in recipients],
        "contact_id": [one.contact_id for one in recipients],
        "connection_id": [one.connection_id for one in recipients],
        "address": [one.address for one in recipients],
        "dispatch": [
            DispatchState.SKIPPED.value if one.skip_code else DispatchState.PLANNED.value
            for one in recipients
        ],
        "send_key": [uuid7() for _ in recipients],
        "resend_of_id": [one.resend_of for one in recipients],
        "due_at": [None if one.variant == REST else now for one in recipients],
        **_what_is_sent(recipients),
    }
    shared = {
        "stream_id": stream.pk,
        "kind": MessageKind.TEMPLATE,
        "direction": Direction.OUT,
        "origin": Origin.CAMPAIGN,
        "priority": stream.priority,
        "content_version": stream.content_version,
    }
    with transaction.atomic():
        written = insert_ignoring(Message, columns, shared)
    skipped = sum(one.id in written for one in recipients if one.skip_code)
    return Planned(
        written=frozenset(written),
        planned=len(written) - skipped,
        skipped=skipped,
        duplicates=len(recipients) - len(written),
    )


def replan(*, recipients: Sequence[Recipient], content_version: int) -> int:
    """Put rows that have not left together anew; `Recipient.id` names the row.

    Those with a skip code are skipped from here on. Nothing may leave meanwhile: the run is held
    or paused, or the rows wait for something else.

    Returns:
        How many were still waiting.
    """
    found = _what_is_sent(recipients)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _REPLAN,
            {
                "ids": array(one.id for one in recipients),
                "templates": array(found["template_id"]),
                "purposes": array(found["purpose"]),
                "variants": array(found["variant"]),
                "media": array(found["media_id"]),
                "variables": array(found["variables"]),
                "contents": array(found["content"]),
                "codes": array(found["code"]),
                "traces": array(found["trace"]),
                "segments": array(found["segments"]),
                "version": content_version,
                "rest": REST,
                "now": timezone.now(),
                "replannable": list(REPLANNABLE),
            },
        )
        return len(cursor.fetchall())


def _what_is_sent(recipients: Sequence[Recipient]) -> dict[str, list[Any]]:
    return {
        "template_id": [one.template_id for one in recipients],
        "purpose": [one.purpose for one in recipients],
        "variant": [one.variant for one in recipients],
        "media_id": [one.media_id for one in recipients],
        "variables": [orjson.dumps(one.variables).decode() for one in recipients],
        "content": [_json(one.content) for one in recipients],
        "segments": [one.segments for one in recipients],
        "code": [one.skip_code for one in recipients],
        "trace": [_json(one.trace) if one.trace else None for one in recipients],
    }


def _json(value: str | dict[str, Any]) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()

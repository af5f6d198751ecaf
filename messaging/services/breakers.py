"""Breakers: trouble that says something of more than one message pauses what is in trouble (a
number, a template, a run) and nothing else; afterwards one message goes first.

Heeded after the transaction that wrote the outcomes has committed: a process that dies in between
leaves it to the next wave, and no lock of a run is taken while rows of messages are held.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import FailureClass
from connections.selectors import provider_of
from connections.services import states
from core import agenda, pacing, scope
from events import bus
from messaging.agenda import TRY_TEMPLATE
from messaging.enums import StreamState, TemplateStatus
from messaging.events import StreamTroubled, TemplateRecovered, TemplateRefused
from messaging.models import Stream, Template
from messaging.services import streams, template_sync

THROTTLED_FOR = timedelta(seconds=5)
# After a pause this long one message tries whether the provider has really relented.
WORTH_PROBING = timedelta(minutes=1)
# Meta pauses a template for three hours, then for six, and disables it the third time
# (domain-rules.md 6).
TEMPLATE_PAUSES = (timedelta(hours=3), timedelta(hours=6))
# Nothing that uses it can be sent any more.
GONE = (TemplateStatus.DISABLED, TemplateStatus.REJECTED, TemplateStatus.REMOVED)
# More failures than this share of the last outcomes, and a run waits for somebody to look; so it
# does sooner where so many in a row failed, all for one reason.
LAST_OUTCOMES = 50
FAILED_SHARE = 0.2
ALIKE_IN_A_ROW = 20
TOO_MANY_FAILURES = "too_many_failures"

# Only what this stretch of the run sent: what failed before somebody resumed it was looked at.
_LAST_FAILURES = """
    WITH last AS (
        SELECT m.code, row_number() OVER (ORDER BY m.at DESC, m.id DESC) AS place,
               m.dispatch = 'rejected' OR (m.failed_at IS NOT NULL AND m.rank < 20) AS failed
        FROM messaging_message m JOIN messaging_stream s ON s.id = m.stream_id
        WHERE s.id = %(stream)s AND s.state = 'running' AND m.epoch = s.epoch
          AND m.dispatch IN ('accepted', 'rejected') AND m.opted_out_at IS NULL
        ORDER BY m.at DESC, m.id DESC LIMIT %(outcomes)s)
    SELECT code, count(*), count(*) FILTER (WHERE place <= %(alike)s), (SELECT count(*) FROM last)
    FROM last WHERE failed GROUP BY code ORDER BY count(*) DESC, code
"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure, told at once or afterwards, as far as it concerns more than its message.

    Attributes:
        until: when it may be tried again, where the provider or its class says so.
    """

    klass: FailureClass
    code: str
    detail: str = ""
    until: datetime | None = None
    template_id: UUID | None = None
    stream_id: UUID | None = None


def heed(*, connection: Connection, troubles: Sequence[Trouble]) -> bool:
    """React to failures of one connection; call it outside their transaction.

    Returns:
        Whether the number has to stop sending now.
    """
    by_class: dict[FailureClass, list[Trouble]] = {}
    for trouble in troubles:
        by_class.setdefault(trouble.klass, []).append(trouble)
    _refuse_templates(connection, by_class.get(FailureClass.TEMPLATE, ()))
    if refusals := by_class.get(FailureClass.AUTH):
        states.stop(connection, refusals[0].code, refusals[0].detail)
        return True
    if throttles := by_class.get(FailureClass.THROTTLED):
        _slow_down(connection, throttles)
        return True
    return False


def pace_key(connection_id: UUID) -> str:
    """Under which name the connection's rate is kept (`core.pacing`)."""
    return f"{scope.required_company_id()}:{connection_id.hex}"


def look_at_runs(stream_ids: Iterable[UUID]) -> None:
    """Pause those of the runs of whose last outcomes too many are definitive failures: of the last
    fifty, or of a shorter run's all that came lately."""
    for stream_id in stream_ids:
        if causes := _too_many_failures(stream_id):
            halt_run(stream_id=stream_id, code=TOO_MANY_FAILURES, causes=causes)


def recount(stream_id: UUID) -> None:
    """Count a run anew, and look at it closely when much of what came since has failed, at once
    or afterwards."""
    known = Stream.objects.filter(pk=stream_id).values_list("counts", flat=True).first() or {}
    counts = streams.recount(stream_id=stream_id)
    failed, sent = (counts[key] - known.get(key, 0) for key in ("failed", "sent"))
    if failed > FAILED_SHARE * (failed + max(sent, 0)):
        look_at_runs([stream_id])


@transaction.atomic
def halt_run(*, stream_id: UUID, code: str, causes: Mapping[str, int] | None = None) -> bool:
    """Pause a running run by itself and say why; False when it was not running.

    Args:
        code: `messaging.reasons`.
        causes: how often each code stood behind it.
    """
    if not _pause_running([stream_id]):
        return False
    bus.publish(StreamTroubled(stream_id=stream_id, code=code, causes=dict(causes or {})))
    return True


@transaction.atomic
def refuse_template(
    *, connection: Connection, template_id: UUID, code: str, detail: str, stream_ids: Iterable[UUID]
) -> None:
    """The provider refused a message for its template's sake: the template waits (or ends), and
    the runs that were using it with it. Told once, however many messages come back."""
    template = Template.objects.select_for_update().filter(pk=template_id).first()
    if template is None:
        return
    says = provider_of(connection).capabilities.template_codes.get(code)
    was_open = template.status == TemplateStatus.APPROVED
    if was_open and says is not None:
        _close(template, TemplateStatus(says), reason=detail)
    elif says is None:
        template_sync.request(connection)  # it is not what we think it is
    paused = _pause_running(stream_ids)
    if paused or (was_open and says is not None):
        _tell_refused(template, connection.pk, paused, code, detail)


@transaction.atomic
def follow_template(template_id: UUID) -> None:
    """The provider changed a template's status by itself: open it again, or have its runs wait."""
    template = Template.objects.select_for_update().filter(pk=template_id).first()
    if template is None:
        return
    if template.status == TemplateStatus.APPROVED:
        _reopen(template)
    elif template.status == TemplateStatus.PAUSED and template.paused_until is None:
        _close(template, TemplateStatus.PAUSED, reason=template.reason)
        _tell_refused(template, template.connection_id, [], "", template.reason)
    elif template.status in GONE:
        _tell_refused(template, template.connection_id, [], "", template.reason)


@transaction.atomic
def try_template(template_id: UUID) -> None:
    """A template's pause is over: it counts as approved again until the provider says no."""
    template = (
        Template.objects.select_for_update()
        .filter(pk=template_id, status=TemplateStatus.PAUSED, paused_until__lte=timezone.now())
        .first()
    )
    if template is not None:
        template.status = TemplateStatus.APPROVED
        _reopen(template)


def paused_templates(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Templates whose pause has an end (the agenda's selector for `messaging.try_template`)."""
    rows = Template.objects.filter(status=TemplateStatus.PAUSED, deleted_at=None)
    if key is not None:
        rows = rows.filter(pk=key)
    return [(str(pk), at) for pk, at in rows.values_list("pk", "paused_until") if at is not None]


def _slow_down(connection: Connection, throttles: Sequence[Trouble]) -> None:
    """The whole number waits as long as the longest of them says, and then goes half as fast."""
    now = timezone.now()
    until = max((item.until for item in throttles if item.until), default=now + THROTTLED_FOR)
    pacing.shrink(pace_key(connection.pk))
    states.throttle(
        connection,
        throttles[0].code,
        throttles[0].detail,
        until,
        probes=until - now >= WORTH_PROBING,
    )


def _refuse_templates(connection: Connection, refusals: Sequence[Trouble]) -> None:
    groups: dict[UUID, list[Trouble]] = {}
    for item in refusals:
        if item.template_id is not None:
            groups.setdefault(item.template_id, []).append(item)
    for template_id, group in groups.items():
        refuse_template(
            connection=connection,
            template_id=template_id,
            code=group[0].code,
            detail=group[0].detail,
            stream_ids={item.stream_id for item in group if item.stream_id is not None},
        )


def _close(template: Template, status: TemplateStatus, *, reason: str) -> None:
    """Pause a template for its time, or disable it."""
    template.paused_until = None
    if status == TemplateStatus.PAUSED:
        if template.pauses < len(TEMPLATE_PAUSES):
            template.paused_until = timezone.now() + TEMPLATE_PAUSES[template.pauses]
            agenda.append(TRY_TEMPLATE, str(template.pk), template.paused_until)
        else:
            status = TemplateStatus.DISABLED
        template.pauses += 1
    template.status, template.reason = status, reason[:300]
    template.save(update_fields=["status", "reason", "paused_until", "pauses", "updated_at"])


def _reopen(template: Template) -> None:
    template.paused_until, template.reason = None, ""
    template.save(update_fields=["status", "reason", "paused_until", "updated_at"])
    bus.publish(TemplateRecovered(template_id=template.pk))


def _tell_refused(
    template: Template, connection_id: UUID, paused: Sequence[UUID], code: str, detail: str
) -> None:
    bus.publish(
        TemplateRefused(
            template_id=template.pk,
            connection_id=connection_id,
            stream_ids=list(paused),
            code=code,
            detail=detail,
            status=template.status,
        )
    )


def _pause_running(stream_ids: Iterable[UUID]) -> list[UUID]:
    """Pause those of the runs that are running; returns them."""
    running = list(
        Stream.objects.select_for_update(no_key=True)
        .filter(pk__in=list(stream_ids), state=StreamState.RUNNING)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for stream_id in running:
        streams.pause(stream_id=stream_id)
    return running


def _too_many_failures(stream_id: UUID) -> dict[str, int]:
    """The causes, if more than the share of the run's last outcomes failed, or the latest all for
    one reason; else nothing."""
    values: dict[str, Any] = {
        "stream": stream_id,
        "outcomes": LAST_OUTCOMES,
        "alike": ALIKE_IN_A_ROW,
    }
    with database.cursor() as cursor:
        cursor.execute(_LAST_FAILURES, values)
        rows = cursor.fetchall()
    known = rows[0][3] if rows else 0
    failed = sum(count for _, count, _, _ in rows)
    too_many = known >= LAST_OUTCOMES and failed > FAILED_SHARE * LAST_OUTCOMES
    all_alike = any(latest == ALIKE_IN_A_ROW for _, _, latest, _ in rows)
    return {code: count for code, count, _, _ in rows} if too_many or all_alike else {}

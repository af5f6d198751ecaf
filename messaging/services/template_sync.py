"""Reading an account's templates from the provider: all pages, all languages.

When a connection's next reading is due stands in its `config["templates"]`:
`{"synced_at", "next_at", "error"}`, times in ISO 8601.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import FailureClass, ProviderError, TemplateInfo
from connections.selectors import alive, credentials_of, explain, provider_of
from connections.services import connections, states
from core import agenda, locks
from core.errors import Unavailable
from events.bus import publish
from messaging.enums import TemplateCategory, TemplateStatus
from messaging.models import Template
from messaging.template_events import TemplateChanged, TemplatesSynced
from messaging.template_parts import variables_of
from messaging.template_shapes import components_in

SYNC = "messaging.sync_templates"  # agenda kind; key: a connection
EVERY = timedelta(hours=24)
AFTER_FAILURE = timedelta(minutes=10)
CONFIG = "templates"


@dataclass(frozen=True, slots=True)
class Synced:
    """What a reading found; `updated` counts those that differed."""

    created: int
    updated: int
    removed: int
    total: int


def request(connection: Connection) -> None:
    """Have a worker read the templates soon, where the provider keeps any."""
    if provider_of(connection).capabilities.templates:
        with transaction.atomic():
            _plan(connection, timezone.now())


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Connections with the time of their next reading."""
    rows = alive().filter(pk=key) if key is not None else alive()
    planned = [(row, row.config.get(CONFIG) or {}) for row in rows]
    return [
        (str(row.pk), datetime.fromisoformat(plan["next_at"]))
        for row, plan in planned
        if plan.get("next_at")
    ]


def sync_due(connection_id: UUID) -> None:
    """The agenda's reading; a provider that is away is asked again later."""
    connection = Connection.objects.filter(pk=connection_id, deleted_at=None).first()
    if connection is None:
        return
    times = [at for _, at in due(str(connection_id))]
    if times and min(times) <= timezone.now():
        try:
            sync(connection)
        except Unavailable:
            return


def sync(connection: Connection) -> Synced:
    """Read every template of the connection's account and make ours equal.

    Ours keep their fallbacks; drafts stay; what the provider no longer has becomes REMOVED. Where
    templates are ours alone there is nothing to read.

    Raises:
        core.errors.Unavailable: the provider could not be asked; nothing is changed.
    """
    if not provider_of(connection).capabilities.templates:
        return Synced(0, 0, 0, 0)
    began = timezone.now()
    try:
        found = list(provider_of(connection).list_templates(credentials_of(connection)))
    except ProviderError as error:
        raise _failed(connection, error) from error
    with transaction.atomic():
        locks.hold(f"templates:{connection.account_id}")  # two readings write one after the other
        synced = _write(connection, found, began)
        _plan(connection, timezone.now() + EVERY, synced_at=began.isoformat())
        publish(
            TemplatesSynced(
                connection_id=connection.pk,
                created=synced.created,
                updated=synced.updated,
                removed=synced.removed,
                total=synced.total,
            )
        )
    return synced


def _write(connection: Connection, found: Iterable[TemplateInfo], began: datetime) -> Synced:
    ours = {
        (row.name, row.language): row
        for row in Template.objects.select_for_update().filter(
            account_id=connection.account_id, deleted_at=None
        )
    }
    numbers = set(alive().values_list("pk", flat=True))
    before = {row.pk: row.status for row in ours.values()}
    new: list[Template] = []
    seen: list[UUID] = []
    updated = total = 0
    for info in found:
        total += 1
        row = ours.get((info.name, info.language))
        if row is None:
            row = Template(
                connection=connection,
                account_id=connection.account_id,
                name=info.name[:512],
                language=info.language[:16],
            )
            ours[info.name, info.language] = row
            new.append(row)
            _take(row, info, began)
            continue
        is_orphan = row.connection_id not in numbers  # the number it came through was released
        updated += _update(row, info, began, speaker=connection if is_orphan else None)
        seen.append(row.pk)
    Template.objects.bulk_create(new)
    Template.objects.filter(pk__in=seen).update(synced_at=began)
    removed = _remove_vanished(connection, began)
    _tell_moved(row for row in ours.values() if row.status != before.get(row.pk, row.status))
    _tell_moved(removed)
    return Synced(created=len(new), updated=updated, removed=len(removed), total=total)


def _tell_moved(templates: Iterable[Template]) -> None:
    """What a reading is the first to tell (a callback was lost): runs wait for it, or go on."""
    for template in templates:
        publish(TemplateChanged.of(template))


def _update(
    row: Template, info: TemplateInfo, began: datetime, *, speaker: Connection | None
) -> bool:
    """Make a row of ours equal; True when it differed."""
    before = _comparable(row)
    if speaker is not None:
        row.connection = speaker
    _take(row, info, began)
    if _comparable(row) == before:
        return False
    row.save()
    return True


def _comparable(row: Template) -> tuple[Any, ...]:
    return (
        row.connection_id,
        row.external_id,
        row.category,
        row.status,
        row.reason,
        row.quality,
        row.parameter_format,
        row.components,
        row.variables,
    )


def _take(row: Template, info: TemplateInfo, began: datetime) -> None:
    is_known = info.category in TemplateCategory.values
    row.external_id = info.external_id
    row.move_to(info.category if is_known else TemplateCategory.MARKETING)
    row.status = info.status
    row.reason = info.reason[:300]
    row.quality = info.quality
    row.parameter_format = info.parameter_format
    row.components = components_in(list(info.components))
    row.variables = variables_of(row.components, category=row.category, known=row.variables)
    row.synced_at = began


def _remove_vanished(connection: Connection, began: datetime) -> list[Template]:
    """Those that the provider knew and no longer lists. What was submitted while we were reading
    carries a later time and stays."""
    vanished = Template.objects.filter(
        account_id=connection.account_id, deleted_at=None, synced_at__lt=began
    ).exclude(status__in=[TemplateStatus.REMOVED, TemplateStatus.DRAFT])
    removed = list(vanished)
    for row in removed:
        row.status = TemplateStatus.REMOVED
        row.save(update_fields=["status", "updated_at"])
    return removed


def _failed(connection: Connection, error: ProviderError) -> Unavailable:
    """Remember it and come back; a refusal of our credentials stops the connection."""
    sentence = str(explain(connection.provider, error.code).sentence)
    with transaction.atomic():
        if error.klass == FailureClass.AUTH:
            states.stop(connection, error.code, error.detail)
        _plan(connection, timezone.now() + AFTER_FAILURE, error=error.code)
    return Unavailable("provider_unavailable", sentence)


def _plan(connection: Connection, next_at: datetime, **changed: str) -> None:
    known = connection.config.get(CONFIG) or {}
    plan = {**known, "error": "", **changed, "next_at": next_at.isoformat()}
    connections.remember(connection, **{CONFIG: plan})
    agenda.append(SYNC, str(connection.pk), next_at)

"""What the provider tells by itself about a number or its account."""

from __future__ import annotations

from django.db import transaction

from connections.enums import Quality
from connections.events import ConnectionUpdated
from connections.models import Connection
from connections.providers.base import NumberUpdate
from connections.services import states
from events.bus import publish


@transaction.atomic
def apply_update(provider: str, update: NumberUpdate) -> int:
    """Write an update onto the connections it speaks of; returns how many those are.

    It names the number by id, or by the number itself, or speaks of the whole account.
    """
    connections = _meant(provider, update)
    for connection in connections:
        _apply(connection, update)
    return len(connections)


def _meant(provider: str, update: NumberUpdate) -> list[Connection]:
    rows = Connection.objects.filter(provider=provider, deleted_at=None)
    if update.number_id:
        return list(rows.filter(external_id=update.number_id))
    of_account = list(rows.filter(account_id=update.account_id))
    wanted = _digits(update.display_number)
    if not wanted:
        return of_account
    return [one for one in of_account if _digits(one.display_number) == wanted]


def _apply(connection: Connection, update: NumberUpdate) -> None:
    said = {
        "verified_name": update.verified_name,
        "quality": update.quality if update.quality in Quality.values else None,
        "tier": update.tier,
    }
    changed = [
        key
        for key, value in said.items()
        if value is not None and getattr(connection, key) != value
    ]
    for key in changed:
        setattr(connection, key, said[key])
    if changed:
        connection.save(update_fields=changed)
        publish(ConnectionUpdated(connection_id=connection.pk, changed=changed))
    if update.stopped:
        states.stop(connection, update.stopped, update.detail)
    elif update.stopped == "":
        states.resume(connection)


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))

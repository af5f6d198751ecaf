"""Telling members something, and what they have seen."""

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.utils.timezone import now

from core import realtime, scope
from team.models import Member, Notification
from team.notifications import KINDS, topic_of
from team.selectors import members_with

log = structlog.get_logger(__name__)


def notify(
    *,
    code: str,
    member: Member | None = None,
    permission: str = "",
    data: Mapping[str, Any] | None = None,
    url: str = "",
) -> None:
    """Tell one member, or everybody who holds a permission. It never blocks its cause.

    Args:
        code: a registered kind (`team.notifications.register`).
        permission: a name of tenants.permissions, when no member is given.
        data: what fills the kind's sentence, as JSON values.
        url: a path inside the company, made by `reverse()` or `tenants.links.company_path`.

    Raises:
        KeyError: nobody registered the code.
    """
    kind = KINDS[code]
    members = [member] if member is not None else members_with(permission)
    try:
        with transaction.atomic():
            _tell(members, kind.code, dict(data or {}), url)
    except DatabaseError:
        log.exception("team.notification_lost", code=code)


def mark_read(*, member: Member, ids: Iterable[object] | None = None) -> None:
    """Mark notifications of a member as read: these, or all."""
    unread = Notification.objects.filter(member=member, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    with transaction.atomic():
        if unread.update(read_at=now()):
            _hint(member)


def _tell(members: Iterable[Member], code: str, data: dict[str, Any], url: str) -> None:
    rows = [Notification(member=member, code=code, data=data, url=url) for member in members]
    Notification.objects.bulk_create(rows)
    for row in rows:
        _hint(row.member)


def _hint(member: Member) -> None:
    company_id = scope.required_company_id()
    realtime.push(company_id, topic_of(member.pk), "notifications.changed", str(member.pk))

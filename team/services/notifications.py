"""Telling members something, and what they have seen."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core import realtime, scope
from core.errors import Invalid
from team.models import Member, Notification, NotificationPreference
from team.notifications import KINDS, Kind, topic_of
from team.selectors import kinds_for, members_with
from tenants.permissions import allows

log = structlog.get_logger(__name__)


def notify(
    *,
    code: str,
    member: Member | None = None,
    members: Iterable[Member] | None = None,
    permission: str = "",
    data: Mapping[str, Any] | None = None,
    url: str = "",
) -> None:
    """Tell one member, several, or everybody who holds a permission; not those who do not want
    to know of this kind, nor those who may not. It never blocks its cause.

    Args:
        code: a registered kind (`team.notifications.register`).
        members: when no single member is given.
        permission: a name of tenants.permissions, when there is neither.
        data: what fills the kind's sentence, as JSON values.
        url: a path inside the company, made by `reverse()` or `tenants.links.company_path`.

    Raises:
        KeyError: nobody registered the code.
    """
    kind = KINDS[code]
    try:
        with transaction.atomic():
            if member is not None:
                members = [member]
            listeners = _listeners(kind, members_with(permission) if members is None else members)
            _tell(listeners, kind.code, dict(data or {}), url)
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


@transaction.atomic
def choose(*, member: Member, codes: Collection[str]) -> None:
    """What a member wants to be told from now on: these kinds, and no other of those offered.

    Raises:
        core.errors.Invalid: a code is none of those that the member is offered.
    """
    offered = {kind.code for kind in kinds_for(member)}
    if not offered.issuperset(codes):
        raise Invalid({"codes": _("Choose from the list.")})
    NotificationPreference.objects.bulk_create(
        [
            NotificationPreference(member=member, code=code, in_app=code in codes)
            for code in sorted(offered)
        ],
        update_conflicts=True,
        unique_fields=["member", "code"],
        update_fields=["in_app"],
    )


def _listeners(kind: Kind, members: Iterable[Member]) -> list[Member]:
    """Those who may be told of the kind and want to be."""
    able = [member for member in members if allows(member.role, kind.permission)]
    choices = NotificationPreference.objects.filter(code=kind.code, member__in=able)
    chosen = dict(choices.values_list("member_id", "in_app"))
    return [member for member in able if chosen.get(member.pk, kind.is_on)]


def _tell(members: Iterable[Member], code: str, data: dict[str, Any], url: str) -> None:
    rows = [Notification(member=member, code=code, data=data, url=url) for member in members]
    Notification.objects.bulk_create(rows)
    for row in rows:
        _hint(row.member)


def _hint(member: Member) -> None:
    company_id = scope.required_company_id()
    realtime.push(company_id, topic_of(member.pk), "notifications.changed", str(member.pk))

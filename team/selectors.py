"""Reads of a company's own view of its people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.ids import uuid_of
from team.models import Member, Notification, NotificationPreference, Team
from team.notifications import KINDS, Kind
from tenants.http import MemberRequest
from tenants.permissions import PERMISSIONS, allows

NOTIFICATIONS_SHOWN = 30
PAGE = 50


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification as the bell shows it."""

    id: UUID
    text: str
    icon: str
    tone: str
    url: str
    at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A page of members; `next` is the `after` of the following one."""

    members: list[Member]
    next: str


def member_of(request: Any) -> Member | None:
    """Who is asking, as the company knows them; None for API keys, which are nobody.

    Works for pages (HttpRequest) and the API (rest_framework's Request). Asked once per request.

    Raises:
        Member.DoesNotExist: the membership has no row here, which the sync makes impossible.
    """
    inner = getattr(request, "_request", request)
    membership = getattr(inner, "membership", None)
    if membership is None:
        return None
    if not hasattr(inner, "_member"):
        inner._member = Member.objects.get(person_id=membership.person_id)
    member: Member = inner._member
    return member


def reader_of(request: MemberRequest) -> Member:
    """Who opened a page: members alone do, so there is somebody."""
    return cast("Member", member_of(request))


def member_and_unread(request: Any) -> tuple[Member, int]:
    """The member who is asking and how many notifications they have not seen: what every page
    shows, in one query where nothing asked for the member before.

    Raises:
        Member.DoesNotExist: as `member_of`.
    """
    if hasattr(request, "_member"):
        return request._member, unread_count(request._member)
    unread = Notification.objects.filter(member=OuterRef("pk"), read_at=None).order_by()
    number = unread.values("member").annotate(number=Count("pk")).values("number")
    member = Member.objects.annotate(unread=Coalesce(Subquery(number), 0)).get(
        person_id=request.membership.person_id
    )
    request._member = member
    return member, member.unread


def active_members() -> QuerySet[Member]:
    """Those who belong to the company now, by name."""
    return Member.objects.filter(is_active=True)


def member_page(*, after: str = "") -> MemberPage:
    """Fifty members by name, after the one with the id `after` (anything else: from the start)."""
    rows = active_members().order_by("name", "id")
    last_id = uuid_of(after)
    last = active_members().filter(pk=last_id).first() if last_id else None
    if last is not None:
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    found = list(rows[: PAGE + 1])
    more = str(found[PAGE - 1].pk) if len(found) > PAGE else ""
    return MemberPage(members=found[:PAGE], next=more)


def has_company_of_one() -> bool:
    """True until a second member has joined."""
    return len(active_members()[:2].values_list("pk")) < 2


def members_with(permission: str) -> QuerySet[Member]:
    """Members whose role holds a permission.

    Raises:
        KeyError: no such permission.
    """
    return active_members().filter(role__in=PERMISSIONS[permission])


def teams() -> QuerySet[Team]:
    """All teams by name, each with its `members` by name."""
    return Team.objects.order_by("name", "id").prefetch_related(
        Prefetch("members", active_members().order_by("name", "id"))
    )


def notices_of(member: Member) -> list[Notice]:
    """A member's latest notifications; kinds that this version no longer knows are left out."""
    rows = Notification.objects.filter(member=member)[:NOTIFICATIONS_SHOWN]
    return [_notice(row) for row in rows if row.code in KINDS]


def kinds_for(member: Member) -> list[Kind]:
    """The kinds of notification that a member can be told, by the order they were announced in."""
    return [kind for kind in KINDS.values() if allows(member.role, kind.permission)]


def wanted_kinds(member: Member) -> set[str]:
    """The codes of those kinds that a member is told: as chosen, else as the kind says."""
    chosen = dict(
        NotificationPreference.objects.filter(member=member).values_list("code", "in_app")
    )
    return {kind.code for kind in kinds_for(member) if chosen.get(kind.code, kind.is_on)}


def unread_count(member: Member) -> int:
    """How many notifications a member has not seen."""
    return Notification.objects.filter(member=member, read_at=None).count()


def _notice(row: Notification) -> Notice:
    kind = KINDS[row.code]
    return Notice(
        id=row.pk,
        text=kind.sentence(row.data),
        icon=kind.icon,
        tone=kind.tone,
        url=row.url,
        at=row.created_at,
        is_read=row.read_at is not None,
    )

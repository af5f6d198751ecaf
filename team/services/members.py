"""The company's copy of its memberships, kept in step with the public truth."""

from uuid import UUID

from django.db import transaction

from core import realtime, scope
from core.errors import NotFound
from events import bus
from events.facts import Fact
from team.events import MemberAvailabilityChanged, MemberJoined, MemberLeft, MemberRoleChanged
from team.models import Member, TeamMember


def sync(
    *, company_id: UUID, person_id: UUID, name: str, email: str, role: str | None, actor: str
) -> None:
    """Bring the member's row in line with the membership, inside the company's scope.

    Args:
        role: None when the membership has ended; the row stays for what the member did, their
            places in teams do not.
        actor: who did it, as events name it (`person:<id>`, `api_key:<id>`, `system`).
    """
    with transaction.atomic():
        member = Member.objects.select_for_update().filter(person_id=person_id).first()
        if member is None:
            if role is None:
                return
            member = Member(person_id=person_id, role=role, is_active=False)
        fact = _what_changes(member, role)
        member.name, member.email = name, email
        member.role, member.is_active = role or member.role, role is not None
        member.save()
        if role is None:
            TeamMember.objects.filter(member=member).delete()
        if fact is not None:
            bus.publish(fact, actor=actor)
            realtime.rights_changed(company_id, member.pk)


@transaction.atomic
def set_available(*, member_id: UUID, is_available: bool, actor: str) -> None:
    """Whether new conversations are given to the member; what they have stays theirs.

    Raises:
        core.errors.NotFound: no such member (any more).
    """
    member = Member.objects.select_for_update().filter(pk=member_id, is_active=True).first()
    if member is None:
        raise NotFound
    if member.is_available == is_available:
        return
    member.is_available = is_available
    member.save(update_fields=["is_available"])
    fact = MemberAvailabilityChanged(member_id=member.pk, is_available=is_available)
    bus.publish(fact, actor=actor)
    realtime.push_coalesced(scope.required_company_id(), "availability", "changed")


def _what_changes(member: Member, role: str | None) -> Fact | None:
    """The fact to tell; None when only the name or the e-mail changes."""
    if role is None:
        return MemberLeft(member_id=member.pk) if member.is_active else None
    if not member.is_active:
        return MemberJoined(member_id=member.pk, role=role)
    if member.role != role:
        return MemberRoleChanged(member_id=member.pk, before=member.role, role=role)
    return None

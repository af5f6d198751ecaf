"""What templates ask of the team."""

from uuid import UUID

from django import template

from team.enums import Presence
from team.presence import Presences

register = template.Library()


@register.filter
def state_of(presences: Presences, member_id: UUID) -> Presence:
    """`{{ presences|state_of:member.pk }}`: online, away or offline; `.label` says it in words."""
    return presences.of(member_id)

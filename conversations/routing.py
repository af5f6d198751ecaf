"""Whose turn it is: who of a team is there, may answer, takes conversations and has the fewest."""

from django.db.models import Count, F, Q, QuerySet

from conversations.enums import ConversationStatus
from conversations.models import Conversation
from team.enums import Presence
from team.models import Team, TeamMember
from team.presence import Presences
from tenants.permissions import PERMISSIONS


def in_turn(team: Team, presences: Presences) -> QuerySet[TeamMember]:
    """The places of a team that can be given a conversation, whose turn it is first.

    The one with the fewest open conversations is first, of several the one who got none for the
    longest time. When nobody can say who is there (no Redis), everybody who takes conversations is.
    """
    places = TeamMember.objects.filter(
        team=team,
        member__is_active=True,
        member__is_available=True,
        member__role__in=PERMISSIONS["conversations.reply"],
    )
    if presences.is_known:
        online = [key for key, state in presences.states.items() if state == Presence.ONLINE]
        places = places.filter(member__in=online)
    load = Count(
        "member__conversations", filter=Q(member__conversations__status=ConversationStatus.OPEN)
    )
    return places.annotate(load=load).order_by(
        "load", F("given_at").asc(nulls_first=True), "member_id"
    )


def unassigned(team: Team) -> QuerySet[Conversation]:
    """Open conversations of a team that customers began and nobody has, longest waiting first."""
    return Conversation.objects.filter(
        team=team,
        status=ConversationStatus.OPEN,
        assignee=None,
        thread__last_inbound_at__isnull=False,
    ).order_by(F("waiting_since").asc(nulls_last=True), "pk")

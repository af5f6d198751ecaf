"""Giving conversations to the people of their team, in turn."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conversations.enums import ConversationStatus
from conversations.models import Conversation
from conversations.routing import in_turn, unassigned
from conversations.services import assignment
from team import presence
from team.models import Member, Team, TeamMember

SYSTEM = "system"
BATCH = 50  # of a team's waiting conversations in one go


@transaction.atomic
def route(*, conversation_id: UUID) -> Member | None:
    """Give an open conversation that nobody has to whoever's turn it is in its team.

    One without a team belongs to the default team from then on. Conversations that we began, and
    that the customer has not answered, are nobody's turn. Safe to repeat.

    Returns:
        who got it; None when it needs nobody, or nobody is there.
    """
    conversation = _unclaimed(conversation_id)
    if conversation is None:
        return None
    team = _locked(conversation.team_id)
    if team is None:
        return None
    place = in_turn(team, presence.now()).first() if team.assigns_automatically else None
    member = place.member if place else None
    if place is not None:
        TeamMember.objects.filter(pk=place.pk).update(given_at=timezone.now())
    if member is not None or conversation.team_id is None:
        assignment.transfer(conversation_id=conversation.pk, member=member, team=team, actor=SYSTEM)
    return member


def give_waiting(*, team_id: UUID) -> int:
    """Give what waits in a team to those who are there now; says how many found somebody."""
    team = Team.objects.filter(pk=team_id, assigns_automatically=True).first()
    if team is None:
        return 0
    given = 0
    for conversation_id in list(unassigned(team).values_list("pk", flat=True)[:BATCH]):
        if route(conversation_id=conversation_id) is None:
            break
        given += 1
    return given


def _unclaimed(conversation_id: UUID) -> Conversation | None:
    return (
        Conversation.objects.select_for_update(of=("self",))
        .filter(
            pk=conversation_id,
            status=ConversationStatus.OPEN,
            assignee=None,
            thread__last_inbound_at__isnull=False,
        )
        .first()
    )


def _locked(team_id: UUID | None) -> Team | None:
    """The team, or the default one: one conversation of it is given at a time."""
    chosen = {"is_default": True} if team_id is None else {"pk": team_id}
    return Team.objects.select_for_update().filter(**chosen).first()

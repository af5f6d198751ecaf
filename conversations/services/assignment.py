"""Whose a conversation is, and how soon it should be looked at."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations import hints, visibility
from conversations.enums import Priority
from conversations.events import ConversationAssigned, ConversationPrioritised
from conversations.models import Conversation
from conversations.services import notes, reply_clock, story
from conversations.services.conversations import locked
from core.errors import Invalid
from events import bus
from team.models import Member, Team


@transaction.atomic
def assign(*, conversation_id: UUID, member: Member | None, actor: str) -> bool:
    """Make it a member's, or nobody's; its team stays. False when it was so already.

    Raises:
        core.errors.NotFound: no such conversation.
        core.errors.Invalid: the member has left the company.
    """
    conversation = locked(conversation_id)
    return _give(conversation, member=member, team=conversation.team, actor=actor)


@transaction.atomic
def transfer(
    *,
    conversation_id: UUID,
    member: Member | None,
    team: Team | None,
    actor: str,
    note: str = "",
) -> bool:
    """Hand it over to a team, to a member or to both, with a word for whoever takes it.

    False when it was theirs already; the note is written all the same.

    Raises:
        core.errors.NotFound: no such conversation.
        core.errors.Invalid: the member has left the company or is not of the team, or the note
            is too long or by nobody.
    """
    if member and team and not team.members.filter(pk=member.pk).exists():
        raise Invalid(
            {"member": _("This person is not in the team. Choose one of its members, or nobody.")}
        )
    conversation = locked(conversation_id)
    changed = _give(conversation, member=member, team=team, actor=actor)
    if note.strip():
        notes.write(conversation=conversation, text=note, author=story.member_behind(actor))
    return changed


@transaction.atomic
def set_priority(*, conversation_id: UUID, priority: str, actor: str) -> bool:
    """How soon somebody should look at it. False when it was so already.

    Raises:
        core.errors.NotFound: no such conversation.
        core.errors.Invalid: no such priority.
    """
    conversation = locked(conversation_id)
    if priority not in Priority.values:
        raise Invalid({"priority": _("Choose one of the priorities.")})
    if conversation.priority == priority:
        return False
    conversation.priority = priority
    conversation.save(update_fields=["priority"])
    bus.publish(
        ConversationPrioritised(conversation_id=conversation.pk, priority=priority), actor=actor
    )
    story.tell(conversation, "priority", actor=actor, priority=priority)
    hints.conversation_changed(conversation.pk)
    return True


def _give(
    conversation: Conversation, *, member: Member | None, team: Team | None, actor: str
) -> bool:
    if member is not None and not member.is_active:
        raise Invalid({"assignee": _("This person has left the company. Choose somebody else.")})
    before = (conversation.assignee_id, conversation.team_id)
    if before == (member.pk if member else None, team.pk if team else None):
        return False
    is_new_team = team is not None and team.pk != conversation.team_id
    conversation.assignee, conversation.team = member, team
    reply_clock.follow_team(conversation)
    conversation.save(update_fields=["assignee", "team", *reply_clock.CLOCK])
    fact = ConversationAssigned(
        conversation_id=conversation.pk,
        member_id=member.pk if member else None,
        team_id=team.pk if team else None,
    )
    bus.publish(fact, actor=actor)
    visibility.cut_off(conversation, assignee_id=before[0], team_id=before[1])
    _tell(conversation, member, team if is_new_team else None, actor)
    hints.conversation_changed(conversation.pk)
    return True


def _tell(conversation: Conversation, member: Member | None, team: Team | None, actor: str) -> None:
    """The line in the thread; a team is named when the conversation is new to it."""
    data: dict[str, str] = {}
    if member is not None:
        data["member"] = str(member.pk)
    if team is not None:
        data["team"] = team.name
    story.tell(conversation, _code(member, team, actor), actor=actor, **data)


def _code(member: Member | None, team: Team | None, actor: str) -> str:
    if team is not None:
        return "to_team_member" if member is not None else "to_team"
    if member is None:
        return "unassigned"
    return "taken" if story.member_behind(actor) == member else "assigned"

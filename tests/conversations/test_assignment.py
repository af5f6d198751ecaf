"""Whose it is: taken, given, handed to a team, with a word; and how soon to look at it."""

import pytest

from conversations.enums import Priority
from conversations.models import Conversation
from conversations.services import assignment
from core.errors import Invalid
from events.models import Event
from messaging.models import Message
from team.models import Member, Team
from tests.conversations.factories import a_conversation, a_member
from tests.conversations.test_status import told

pytestmark = pytest.mark.usefixtures("company")


def last_fact() -> dict[str, object]:
    event = Event.objects.filter(type="conversation.assigned").order_by("-sequence")[0]
    return dict(event.data)


def test_who_takes_it_is_told_so_in_the_thread() -> None:
    talk, bia = a_conversation(), a_member()
    actor = f"person:{bia.person_id}"
    assert assignment.assign(conversation_id=talk.pk, member=bia, actor=actor) is True
    assert assignment.assign(conversation_id=talk.pk, member=bia, actor=actor) is False
    assert told(talk) == ["Bia Lima took the conversation"]


def test_who_gives_it_names_to_whom_and_who_left_keeps_the_name() -> None:
    talk, bia, rui = a_conversation(), a_member(), a_member("Rui Costa")
    assignment.assign(conversation_id=talk.pk, member=rui, actor=f"person:{bia.person_id}")
    Member.objects.filter(pk=rui.pk).update(is_active=False)
    assignment.assign(conversation_id=talk.pk, member=None, actor=f"person:{bia.person_id}")
    assert told(talk) == [
        "Bia Lima gave the conversation to Rui Costa",
        "Bia Lima took the conversation from its member",
    ]


def test_a_transfer_goes_to_the_team_with_a_note() -> None:
    talk, bia, team = a_conversation(), a_member(), Team.objects.create(name="Vendas")
    assignment.transfer(
        conversation_id=talk.pk,
        member=None,
        team=team,
        note="Quer desconto",
        actor=f"person:{bia.person_id}",
    )
    now = Conversation.objects.get(pk=talk.pk)
    assert (now.assignee, now.team) == (None, team)
    assert told(talk) == ["Bia Lima gave the conversation to the team Vendas"]
    note = Message.objects.get(kind="note")
    assert (note.content["text"], note.author) == ("Quer desconto", bia)
    assert last_fact() == {
        "conversation_id": str(talk.pk),
        "member_id": None,
        "team_id": str(team.pk),
    }


def test_a_member_takes_over_within_the_team_and_the_team_stays() -> None:
    talk, bia, team = a_conversation(), a_member(), Team.objects.create(name="Vendas")
    team.members.add(bia)
    assignment.transfer(conversation_id=talk.pk, member=bia, team=team, actor="system")
    assignment.assign(conversation_id=talk.pk, member=None, actor="system")
    assert Conversation.objects.get(pk=talk.pk).team == team
    assert told(talk) == [
        "A program gave the conversation to Bia Lima of the team Vendas",
        "A program took the conversation from its member",
    ]


def test_a_stranger_to_the_team_and_one_who_left_get_nothing() -> None:
    talk, bia, team = a_conversation(), a_member(), Team.objects.create(name="Vendas")
    with pytest.raises(Invalid) as stranger:
        assignment.transfer(conversation_id=talk.pk, member=bia, team=team, actor="system")
    assert list(stranger.value.errors) == ["member"]
    with pytest.raises(Invalid) as gone:
        assignment.assign(conversation_id=talk.pk, member=a_member(is_active=False), actor="system")
    assert list(gone.value.errors) == ["assignee"]
    assert told(talk) == []


def test_a_priority_is_set_once_and_told() -> None:
    talk = a_conversation()
    priority = Priority.URGENT
    assert assignment.set_priority(conversation_id=talk.pk, priority=priority, actor="system")
    assert not assignment.set_priority(conversation_id=talk.pk, priority=priority, actor="system")
    assert Conversation.objects.get(pk=talk.pk).priority == "urgent"
    assert told(talk) == ["A program set the priority: Urgent"]
    with pytest.raises(Invalid):
        assignment.set_priority(conversation_id=talk.pk, priority="now", actor="system")

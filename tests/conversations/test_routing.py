"""Conversations find somebody: who is there, takes them, and has the fewest."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from conversations.models import Conversation
from conversations.services import assignment, conversations, routing, status
from core import redis, scope
from events.deliveries import deliver
from messaging.models import Message
from team.models import Member, Notification
from team.services import members as memberships
from tenants.enums import Role
from tenants.models import Company
from tests.conversations.factories import a_conversation
from tests.conversations.teams import Make, a_team, an_agent
from tests.messaging.factories import a_connection


def test_new_conversations_go_round(begin: Make) -> None:
    ana, bia = an_agent("Ana"), an_agent("Bia")
    team = a_team(ana, bia)
    got = [begin() for _ in range(4)]
    assert sorted(str(one.assignee) for one in got) == ["Ana", "Ana", "Bia", "Bia"]
    assert str(got[0].assignee) != str(got[1].assignee)
    assert {one.team_id for one in got} == {team.pk}


def test_whoever_has_the_fewest_open_ones_is_next(begin: Make) -> None:
    ana, bia = an_agent("Ana"), an_agent("Bia")
    for _ in range(2):
        assignment.assign(conversation_id=begin().pk, member=ana, actor="system")
    a_team(ana, bia)
    assert [str(begin().assignee) for _ in range(2)] == ["Bia", "Bia"]


def test_what_is_resolved_is_no_load(begin: Make) -> None:
    ana, bia = an_agent("Ana"), an_agent("Bia")
    a_team(ana, bia)
    first, second = begin(), begin()
    status.resolve(conversation_id=first.pk, actor="system")
    third = begin()
    assert third.assignee == first.assignee != second.assignee


@pytest.mark.parametrize(
    "spoil",
    [
        lambda member: redis.client().flushdb(),
        lambda member: memberships.set_available(
            member_id=member.pk, is_available=False, actor="system"
        ),
        lambda member: Member.objects.filter(pk=member.pk).update(role=Role.VIEWER),
        lambda member: Member.objects.filter(pk=member.pk).update(is_active=False),
    ],
    ids=["not there", "takes none", "may not answer", "left"],
)
def test_nobody_gets_what_they_cannot_answer(begin: Make, spoil: Callable[[Member], Any]) -> None:
    ana = an_agent("Ana")
    team = a_team(ana)
    spoil(ana)
    conversation = begin()
    assert (conversation.assignee, conversation.team) == (None, team)


def test_when_nobody_can_say_who_is_there_everybody_is(begin: Make, settings: Any) -> None:
    ana = an_agent("Ana", online=False)
    a_team(ana)
    url, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    redis.reset()
    try:
        assert begin().assignee == ana
    finally:
        settings.REDIS_URL = url
        redis.reset()


def test_a_team_that_assigns_by_hand_gets_it_all_the_same(begin: Make) -> None:
    team = a_team(an_agent("Ana"), assigns_automatically=False)
    conversation = begin()
    assert (conversation.team, conversation.assignee) == (team, None)


def test_without_a_default_team_it_stays_everybodys(begin: Make) -> None:
    a_team(an_agent("Ana"), is_default=False)
    conversation = begin()
    assert (conversation.team, conversation.assignee) == (None, None)


def test_what_has_somebody_stays_with_them(begin: Make) -> None:
    ana, bia = an_agent("Ana"), an_agent("Bia")
    conversation = begin()
    assignment.assign(conversation_id=conversation.pk, member=bia, actor="system")
    status.resolve(conversation_id=conversation.pk, actor="system")
    a_team(ana)
    status.reopen(conversation_id=conversation.pk, actor="system")
    deliver("conversations.route")
    conversation.refresh_from_db()
    assert conversation.assignee == bia


def test_what_we_began_is_nobodys_turn(begin: Make) -> None:
    before = begin()
    a_team(an_agent("Ana"))
    contact, connection = before.contact, a_connection("another-number")
    started = conversations.start(contact=contact, connection=connection, actor="system")
    deliver("conversations.route")
    started.refresh_from_db()
    assert (started.team, started.assignee) == (None, None)


def test_giving_twice_gives_once(begin: Make) -> None:
    a_team(an_agent("Ana"), an_agent("Bia"))
    conversation = begin()
    lines = Message.objects.filter(thread=conversation.thread).count()
    assert routing.route(conversation_id=conversation.pk) is None
    assert Message.objects.filter(thread=conversation.thread).count() == lines


def test_what_waited_finds_who_takes_them_again(begin: Make) -> None:
    ana = an_agent("Ana")
    a_team(ana)
    memberships.set_available(member_id=ana.pk, is_available=False, actor="system")
    conversation = begin()
    memberships.set_available(member_id=ana.pk, is_available=True, actor="system")
    deliver("conversations.give_to_available")
    conversation.refresh_from_db()
    assert conversation.assignee == ana


def test_whoever_gets_one_is_told(begin: Make) -> None:
    ana = an_agent("Ana")
    a_team(ana)
    begin()
    deliver("conversations.tell_assigned")
    assert [row.code for row in Notification.objects.filter(member=ana)] == [
        "conversation.assigned"
    ]


@pytest.mark.usefixtures("fresh_database")
def test_workers_that_give_at_once_take_turns() -> None:
    company = Company.objects.get(slug="aurora")
    with scope.opened(company), scope.surroundings(company):
        connection_row = a_connection()
        waiting = [
            a_conversation(connection_row, phone=f"55119870{number:05}") for number in range(4)
        ]
        a_team(an_agent("Ana"), an_agent("Bia"))
    ready = threading.Barrier(4)

    def give(conversation: Conversation) -> None:
        try:
            with scope.opened(company), scope.surroundings(company):
                ready.wait()
                routing.route(conversation_id=conversation.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=give, args=(one,)) for one in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    with scope.opened(company):
        got = Conversation.objects.values_list("assignee__name", flat=True)
        assert sorted(got) == ["Ana", "Ana", "Bia", "Bia"]

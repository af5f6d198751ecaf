"""The list of conversations: what each filter shows, in which order, and its counters."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from conversations import listing
from conversations.enums import ConversationStatus
from conversations.filters import Filters, Order, Who
from conversations.models import Conversation, ConversationLabel, Label
from conversations.services import inbox_settings
from core.ids import uuid7
from messaging.models import Thread
from team.models import Member, Team, TeamMember
from tenants.enums import Role
from tenants.models import Person
from tests.conversations.factories import a_conversation
from tests.messaging.factories import OTHER_NUMBER, a_connection

pytestmark = pytest.mark.usefixtures("company")


@pytest.fixture
def me(people: dict[str, Person]) -> Member:
    return Member.objects.get(person_id=people[Role.AGENT].pk)


@pytest.fixture
def talks() -> list[Conversation]:
    """Three people who wrote, one minute after the other."""
    connection, now = a_connection(), timezone.now()
    return [
        a_conversation(
            connection, phone=f"551198700000{index}", at=now - timedelta(minutes=10 - index)
        )
        for index in range(3)
    ]


def change(talk: Conversation, **values: Any) -> None:
    Conversation.objects.filter(pk=talk.pk).update(**values)


def shown(member: Member | None = None, **filters: Any) -> list[Any]:
    return [row.pk for row in listing.page(Filters(**filters), member=member).items]


def test_each_status_has_its_list(talks: list[Conversation], me: Member) -> None:
    one, two, three = talks
    change(one, status=ConversationStatus.PENDING)
    change(two, status=ConversationStatus.SNOOZED, snoozed_until=timezone.now())
    assert shown() == [three.pk]
    assert shown(status="pending") == [one.pk]
    assert shown(status="snoozed") == [two.pk]
    assert shown(status="resolved") == []


def test_mine_nobodys_and_my_teams(talks: list[Conversation], me: Member) -> None:
    one, two, three = talks
    team = Team.objects.create(name="Vendas")
    change(one, assignee=me)
    change(two, team=team)
    assert shown(me, who="mine") == [one.pk]
    assert shown(me, who="nobody") == [three.pk, two.pk]
    assert shown(me, who="teams") == []
    TeamMember.objects.create(team=team, member=me)
    assert shown(me, who="teams") == [two.pk]
    assert shown(None, who="mine") == []
    assert shown(me) == [three.pk, two.pk, one.pk]


def test_filters_narrow_the_list_one_by_one_and_together(
    talks: list[Conversation], me: Member
) -> None:
    one, two, three = talks
    label, team = Label.objects.create(name="VIP", key="vip"), Team.objects.create(name="Vendas")
    ConversationLabel.objects.create(conversation=one, label=label)
    change(two, assignee=me, team=team)
    Conversation.objects.exclude(pk=three.pk).update(unread_count=0)
    connection = one.thread.connection
    assert shown(label=label.pk) == [one.pk]
    assert shown(agent=me.pk) == shown(team=team.pk) == [two.pk]
    assert shown(unread=True) == [three.pk]
    assert len(shown(connection=connection.pk)) == 3
    assert shown(connection=a_connection(OTHER_NUMBER).pk) == []
    assert len(shown(channel="whatsapp")) == 3
    assert shown(channel="sms") == []
    assert shown(label=label.pk, agent=me.pk) == shown(label=uuid7()) == []


def test_who_waits_longest_stands_first_and_who_was_answered_nowhere(
    talks: list[Conversation],
) -> None:
    one, two, three = talks
    change(two, waiting_since=None)
    assert shown(order="waiting") == [one.pk, three.pk]


def test_the_window_that_ends_next_stands_first_and_a_closed_one_nowhere(
    talks: list[Conversation],
) -> None:
    one, two, three = talks
    hours = {one: 5, two: 2, three: -1}
    for talk, count in hours.items():
        until = timezone.now() + timedelta(hours=count)
        Thread.objects.filter(pk=talk.thread_id).update(window_until=until)
    assert shown(order="closing") == [two.pk, one.pk]


@pytest.mark.parametrize("order", Order.values)
def test_pages_neither_repeat_nor_hide_with_ties_and_with_rows_that_come_between(
    order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SIZE", 2)
    inbox_settings.change(first_reply_minutes=10, actor="test")  # or nothing would be due
    connection, now = a_connection(), timezone.now()
    before = [
        a_conversation(connection, phone=f"551198710000{index}", at=now).pk for index in range(7)
    ]
    Thread.objects.update(window_until=now + timedelta(hours=3))
    filters, seen, cursor = Filters(order=order), [], None
    for number in range(10):
        page = listing.page(filters, member=None, cursor=cursor)
        seen += [row.pk for row in page.items]
        # Newer than all in the list, and before all in the orders that begin with the earliest.
        moment = now + timedelta(minutes=1) if order == "latest" else now - timedelta(minutes=1)
        new = a_conversation(connection, phone=f"551198720000{number}", at=moment)
        Thread.objects.filter(pk=new.thread_id).update(window_until=now + timedelta(hours=1))
        if not (cursor := page.next_cursor):
            break
    assert sorted(seen) == sorted(before)


def test_the_tabs_count_what_they_show(talks: list[Conversation], me: Member) -> None:
    one, two, _three = talks
    change(one, assignee=me)
    change(two, status=ConversationStatus.PENDING)
    counted = listing.counters(Filters(), member=me)
    assert counted.status == {"open": 2, "pending": 1, "snoozed": 0}
    assert counted.who == {"all": 2, "mine": 1, "nobody": 1, "teams": 0}
    mine = listing.counters(Filters(who=Who.MINE, status="pending"), member=me)
    assert mine.status == {"open": 1, "pending": 0, "snoozed": 0}
    assert mine.who == {"all": 1, "mine": 0, "nobody": 1, "teams": 0}
    assert listing.counters(Filters(status="resolved"), member=me).who == {}


def test_counting_ends_where_the_number_says_no_more(
    talks: list[Conversation], me: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED", 2)
    assert listing.counters(Filters(), member=me).status["open"] == 2


def test_the_counters_are_one_query(
    talks: list[Conversation], me: Member, django_assert_num_queries: Any
) -> None:
    inbox_settings.current()  # remembered between requests
    with django_assert_num_queries(1):
        listing.counters(Filters(), member=me)


def test_the_address_says_all_and_only_what_differs_from_the_usual() -> None:
    pk = uuid7()
    filters = Filters(status="snoozed", who="mine", label=pk, unread=True)
    assert filters.query() == f"status=snoozed&who=mine&label={pk}&unread=1"
    assert Filters.of(QueryDict(filters.query())) == filters
    assert Filters().query() == ""
    assert filters.query(label=None, unread=False) == "status=snoozed&who=mine"


def test_what_an_address_says_wrongly_counts_as_not_said() -> None:
    said = QueryDict("status=gone&who=them&order=x&channel=fax&label=1&unread=maybe&team=")
    assert Filters.of(said) == Filters()


def test_filters_that_are_on_stand_in_words_with_the_way_out(me: Member) -> None:
    label = Label.objects.create(name="VIP", key="vip")
    filters = Filters(order="waiting", unread=True, channel="sms", label=label.pk, agent=uuid7())
    chips = listing.chips(filters)
    texts = [chip.text for chip in chips]
    assert texts == ["Waiting longest first", "Unread", "SMS", "VIP", "Unknown"]
    assert chips[3].without == filters.query(label=None)


def test_late_and_soon_are_filters_with_their_numbers(
    talks: list[Conversation], me: Member
) -> None:
    late, soon, later = talks
    now = timezone.now()
    for talk, minutes in ((late, -1), (soon, 14), (later, 16)):
        change(talk, reply_due_at=now + timedelta(minutes=minutes))
    assert [shown(due=due) for due in ("late", "soon")] == [[late.pk], [soon.pk]]
    assert shown(order="due") == [late.pk, soon.pk, later.pk]
    assert listing.counters(Filters(), member=me).due == {"late": 1, "soon": 1}
    assert listing.late_count() == 1
    change(late, status=ConversationStatus.PENDING)
    assert listing.counters(Filters(), member=me).due == {"late": 0, "soon": 1}

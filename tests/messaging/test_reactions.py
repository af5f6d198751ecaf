"""Clicks and opt-outs find their message: the first click, the last message, within a week."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from crm.enums import Channel
from messaging.enums import DispatchState
from messaging.models import Message
from messaging.services import reactions
from tenants.models import Company
from tests.messaging import factories


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def sent(company: Company, now: datetime) -> list[Message]:
    """The messages of two runs to one person, yesterday's and today's."""
    connection = factories.a_connection()
    template = factories.a_template(connection)
    people = factories.contacts(1)
    for _ in range(2):
        factories.a_run(connection, template, people=people)
    rows = list(Message.objects.order_by("created_at"))
    for row, age in zip(rows, (1, 0), strict=True):
        at = now - timedelta(days=age, minutes=1)
        Message.objects.filter(pk=row.pk).update(dispatch=DispatchState.ACCEPTED, at=at)
    return rows


def test_only_the_first_click_marks_the_message(sent: list[Message], now: datetime) -> None:
    assert reactions.note_click(message_id=sent[0].pk, at=now)
    assert not reactions.note_click(message_id=sent[0].pk, at=now + timedelta(hours=1))
    assert Message.objects.get(pk=sent[0].pk).clicked_at == now


def test_an_opt_out_is_put_down_to_the_last_message(sent: list[Message], now: datetime) -> None:
    contact_id = sent[0].contact_id
    found = reactions.note_opt_out(contact_id=contact_id, channel=Channel.WHATSAPP, at=now)
    assert found == sent[1].stream_id
    marked = Message.objects.filter(opted_out_at__isnull=False)
    assert list(marked.values_list("pk", "opted_out_at")) == [(sent[1].pk, now)]


@pytest.mark.parametrize(
    ("channel", "later"), [(Channel.SMS, timedelta()), (Channel.WHATSAPP, timedelta(days=8))]
)
def test_another_channel_or_a_week_later_is_nobodys_doing(
    sent: list[Message], now: datetime, channel: str, later: timedelta
) -> None:
    contact_id = sent[0].contact_id
    assert reactions.note_opt_out(contact_id=contact_id, channel=channel, at=now + later) is None


def test_what_was_never_accepted_made_nobody_leave(sent: list[Message], now: datetime) -> None:
    Message.objects.update(dispatch=DispatchState.REJECTED)
    contact_id = sent[0].contact_id
    assert reactions.note_opt_out(contact_id=contact_id, channel=Channel.WHATSAPP, at=now) is None

"""Lines that never leave."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.enums import Direction, DispatchState, MessageKind, Origin
from messaging.models import Message
from messaging.services import internal
from tests.conversations.factories import a_conversation

pytestmark = pytest.mark.usefixtures("company")


def test_a_line_of_a_program_stands_where_it_is_put_and_is_nothing_to_send() -> None:
    talk, at = a_conversation(), timezone.now() - timedelta(minutes=5)
    line = internal.write(
        thread=talk.thread, kind=MessageKind.SYSTEM, content={"text": "Oi"}, at=at
    )
    stored = Message.objects.get(pk=line.pk)
    assert (stored.direction, stored.origin, stored.at) == (Direction.INTERNAL, Origin.SYSTEM, at)
    assert (stored.thread, stored.contact_id) == (talk.thread, talk.contact_id)
    assert (stored.dispatch, stored.due_at, stored.stream_id) == (DispatchState.NONE, None, None)

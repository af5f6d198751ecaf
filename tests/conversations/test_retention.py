"""What people wrote beside messages goes with the words of messages."""

from datetime import timedelta

from django.utils import timezone

from conversations.enums import ScheduledState
from conversations.models import Rating, ScheduledMessage
from core.ids import first_uuid7
from team.services import retention
from tenants.models import Company
from tests.conversations.factories import a_conversation
from tests.messaging.factories import a_connection


def a_night() -> None:
    retention.set_period(code="messages", days=30)
    retention.begin()
    retention.run("messages")


def test_an_old_rating_stays_without_its_comment(company: Company) -> None:
    talk = a_conversation(a_connection())
    for days in (29, 31):
        Rating.objects.create(
            id=first_uuid7(timezone.now() - timedelta(days=days)),
            conversation=talk, contact=talk.contact, score=5, comment="Sou a Ana",
        )  # fmt: skip
    a_night()
    assert list(Rating.objects.order_by("pk").values_list("score", "comment")) == [
        (5, ""), (5, "Sou a Ana"),
    ]  # fmt: skip


def test_texts_that_were_to_leave_later_go_unless_they_still_are(company: Company) -> None:
    talk, long_ago = a_conversation(a_connection()), timezone.now() - timedelta(days=31)
    for state in ScheduledState.values:
        ScheduledMessage.objects.create(
            conversation=talk, text="segredo", due_at=long_ago, state=state
        )
    a_night()
    assert [row.state for row in ScheduledMessage.objects.all()] == [ScheduledState.WAITING]

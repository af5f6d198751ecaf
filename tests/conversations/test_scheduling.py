"""Messages that leave later: they wait, leave once, can be taken back, and say why they did not."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from conversations.agenda import SEND_SCHEDULED
from conversations.enums import ScheduledState
from conversations.models import Conversation, ScheduledMessage
from conversations.services import scheduling
from core import ids
from core.agenda.kinds import registered
from core.errors import Invalid, NotFound
from core.scope import opened, surroundings
from messaging.enums import DispatchState
from messaging.models import Message
from team.models import Member, Notification
from tenants.models import Company
from tests.conversations.conftest import Browser
from tests.conversations.factories import closed_window

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def author(aurora: Company, agent: Browser) -> Member:
    with opened(aurora):
        return Member.objects.get(role="agent")


def scheduled(talk: Conversation, author: Member | None = None, **wait: float) -> ScheduledMessage:
    at = timezone.now() + timedelta(**(wait or {"hours": 2}))
    return scheduling.schedule(conversation=talk, text="Até amanhã!", due_at=at, author=author)


def make_due(row: ScheduledMessage) -> None:
    ScheduledMessage.objects.filter(pk=row.pk).update(due_at=timezone.now())


def outgoing(talk: Conversation) -> list[str]:
    rows = Message.objects.filter(thread=talk.thread, direction="out")
    return [row.content["text"] for row in rows]


def test_it_leaves_when_it_is_due_and_only_once(
    aurora: Company, talk: Conversation, author: Member
) -> None:
    with opened(aurora):
        row = scheduled(talk, author)
        scheduling.send_due("")
        assert outgoing(talk) == []

        make_due(row)
        scheduling.send_due("")
        scheduling.send_due("")

        row.refresh_from_db()
        assert outgoing(talk) == ["Até amanhã!"]
        assert row.state == ScheduledState.SENT
        assert row.message is not None
        assert (row.message.author, row.message.dispatch) == (author, DispatchState.QUEUED)


def test_the_agenda_knows_when_the_next_one_leaves(aurora: Company, talk: Conversation) -> None:
    with opened(aurora):
        assert scheduling.due(None) == []
        later, sooner = scheduled(talk, hours=5), scheduled(talk, hours=1)
        assert scheduling.due(None) == [("", sooner.due_at)]
        scheduling.take_back(conversation=talk, scheduled_id=sooner.pk)
        assert scheduling.due(None) == [("", later.due_at)]
        assert registered[SEND_SCHEDULED].handle == scheduling.send_due


def test_what_was_taken_back_never_leaves(aurora: Company, talk: Conversation) -> None:
    with opened(aurora):
        row = scheduled(talk)
        make_due(row)
        scheduling.take_back(conversation=talk, scheduled_id=row.pk)
        scheduling.send_due("")
        assert outgoing(talk) == []
        with pytest.raises(NotFound):
            scheduling.take_back(conversation=talk, scheduled_id=row.pk)


def test_the_window_is_judged_when_it_leaves_and_the_author_is_told(
    aurora: Company, talk: Conversation, author: Member
) -> None:
    with opened(aurora), surroundings(aurora):
        row = scheduled(talk, author)
        other = scheduled(talk, author, hours=3)
        closed_window(talk)
        make_due(row)

        scheduling.send_due("")

        row.refresh_from_db()
        assert (row.state, row.code) == (ScheduledState.FAILED, "window_closed")
        assert outgoing(talk) == []
        [told] = Notification.objects.filter(member=author)
        assert (told.code, told.data) == ("message.not_sent", {"name": "Ana Souza"})
        assert scheduling.waiting_in(talk) == [row, other]


@pytest.mark.parametrize(
    ("text", "wait", "field"),
    [
        ("Oi", timedelta(seconds=-5), "due_at"),
        ("Oi", timedelta(days=400), "due_at"),
        ("  ", timedelta(hours=1), "text"),
    ],
)
def test_what_cannot_be_scheduled_is_named(
    aurora: Company, talk: Conversation, text: str, wait: timedelta, field: str
) -> None:
    with opened(aurora), pytest.raises(Invalid) as error:
        scheduling.schedule(conversation=talk, text=text, due_at=timezone.now() + wait, author=None)
    assert list(error.value.errors) == [field]


def test_the_dialog_begins_with_what_is_typed_and_the_message_waits_above_the_composer(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    dialog = agent.get("conversation-schedule", talk.pk, query={"text": "Bom dia"}, **HTMX)
    assert dialog.context["form"].initial["text"] == "Bom dia"

    tomorrow = timezone.localtime() + timedelta(days=1)
    data = {"text": "Bom dia", "due_at": tomorrow.strftime("%Y-%m-%dT%H:%M")}
    answer = agent.post("conversation-schedule", talk.pk, data=data, **HTMX)
    assert answer.status_code == 204

    page = agent.get("conversation", talk.pk, **HTMX).content.decode()
    assert page.count('data-testid="scheduled"') == 1
    with opened(aurora):
        row = ScheduledMessage.objects.get()
    shown = agent.post("conversation-scheduled", talk.pk, data={"scheduled": str(row.pk)}, **HTMX)
    assert 'data-testid="scheduled"' not in shown.content.decode()


@pytest.mark.parametrize("due_at", ["", "gestern", "2020-01-01T10:00"])
def test_a_bad_moment_keeps_the_text_and_says_what_is_wrong(
    agent: Browser, talk: Conversation, due_at: str
) -> None:
    data: dict[str, Any] = {"text": "Bom dia", "due_at": due_at}
    answer = agent.post("conversation-schedule", talk.pk, data=data, **HTMX)
    assert answer.status_code == 422
    assert answer.context["form"].errors["due_at"]
    assert "Bom dia" in answer.content.decode()


def test_a_program_schedules_lists_and_takes_back(
    aurora: Company, talk: Conversation, api_client: Any
) -> None:
    api = api_client(aurora)
    url = reverse("api-conversation-scheduled", args=[ids.encode("cnv", talk.pk)])
    due_at = (timezone.now() + timedelta(days=1)).isoformat()

    made = api.post(url, {"text": "Até amanhã!", "due_at": due_at}, format="json")
    assert made.status_code == 201
    assert made.json()["state"] == "waiting"
    assert [row["id"] for row in api.get(url).json()["results"]] == [made.json()["id"]]

    late = api.post(url, {"text": "Oi", "due_at": "2020-01-01T00:00:00Z"}, format="json")
    assert late.status_code == 422
    item = reverse("api-scheduled-message", args=[made.json()["id"]])
    assert api.get(item).json() == made.json()
    assert api.delete(item).status_code == 204
    assert api.delete(item).status_code == 404
    assert api.get(url).json()["results"] == []

"""Notes of the team: in the thread, for the team alone, and whom they call."""

import pytest

from conversations.models import Conversation
from conversations.services import notes
from core.errors import Invalid
from events.models import Event
from messaging.enums import Direction, DispatchState, MessageKind
from messaging.models import Message
from team.models import Notification
from tests.conversations.factories import a_conversation, a_member

pytestmark = pytest.mark.usefixtures("company")


def test_a_note_stands_in_the_thread_and_never_leaves() -> None:
    talk, bia = a_conversation(), a_member()
    note = notes.write(conversation=talk, text=" Cliente antigo ", author=bia)
    stored = Message.objects.get(pk=note.pk)
    assert (stored.direction, stored.kind) == (Direction.INTERNAL, MessageKind.NOTE)
    assert (stored.dispatch, stored.due_at, stored.external_id) == (DispatchState.NONE, None, None)
    assert stored.content == {"text": "Cliente antigo", "mentions": []}
    assert (stored.author, stored.thread_id) == (bia, talk.thread_id)


def test_a_note_changes_nothing_of_what_the_list_shows() -> None:
    talk = a_conversation()
    notes.write(conversation=talk, text="Cliente antigo", author=a_member())
    now = Conversation.objects.get(pk=talk.pk)
    assert (now.last_message_id, now.last_message_at) == (
        talk.last_message_id,
        talk.last_message_at,
    )
    assert (now.unread_count, now.waiting_since) == (talk.unread_count, talk.waiting_since)


def test_whoever_is_named_is_called_but_not_the_writer() -> None:
    talk, bia, rui = a_conversation(), a_member(), a_member("Rui Costa")
    note = notes.write(conversation=talk, text="@rui costa veja, diz @Bia Lima", author=bia)
    assert set(note.content["mentions"]) == {str(bia.pk), str(rui.pk)}
    told = Notification.objects.get()
    assert (told.member, told.code) == (rui, "conversation.mentioned")
    assert told.data == {"who": "Bia Lima", "name": "Ana Souza"}
    assert told.url.endswith(f"/{talk.pk}/")
    fact = Event.objects.get(type="conversation.noted")
    assert fact.data["message_id"] == str(note.pk)
    assert fact.actor == f"person:{bia.person_id}"


def test_an_id_calls_as_a_name_does_and_who_left_is_not_called() -> None:
    talk, rui, gone = a_conversation(), a_member("Rui"), a_member("Eva", is_active=False)
    note = notes.write(
        conversation=talk, text="Vejam @Eva", author=None, mentioned=[rui.pk, gone.pk]
    )
    assert note.content["mentions"] == [str(rui.pk)]


@pytest.mark.parametrize("text", ["  ", "x" * 4097])
def test_an_empty_note_and_a_novel_are_refused(text: str) -> None:
    talk = a_conversation()
    with pytest.raises(Invalid) as refused:
        notes.write(conversation=talk, text=text, author=None)
    assert list(refused.value.errors) == ["text"]
    assert not Message.objects.filter(kind=MessageKind.NOTE).exists()

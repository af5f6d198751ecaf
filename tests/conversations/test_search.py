"""Search of the inbox: whom and what it finds, in what order, and what it never shows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations import search
from conversations.models import Conversation, MessageText
from conversations.services import status, texts
from messaging.models import Message, Stream
from tests.conversations.factories import a_conversation, received
from tests.messaging.factories import a_connection, an_outgoing

pytestmark = pytest.mark.usefixtures("company")


def said(typed: str, **options: Any) -> list[str]:
    """The texts of the messages found, in their order."""
    return [
        hit.message.content["text"]
        for hit in search.message_page(typed, member=None, **options).items
    ]


def test_a_message_is_found_by_its_words_without_case_and_accents() -> None:
    talk = a_conversation(content={"text": "A PROMOÇÃO ainda vale?"})
    [hit] = search.message_page("promocao ain", member=None).items
    assert hit.conversation == talk
    assert [piece.text for piece in hit.excerpt if piece.is_hit] == ["PROMOÇÃO", "ainda"]
    assert said("promo vale") == []  # the first word is whole, only the last may be half typed
    assert said("promocao zebra") == []
    assert said("") == said("?!") == []


def test_captions_are_found_and_reactions_are_not() -> None:
    connection = a_connection()
    received(connection, kind="image", content={"caption": "Olha o sofá"})
    received(connection, kind="reaction", content={"emoji": "👍", "target": "x", "text": "sofá"})
    assert [hit.message.kind for hit in search.message_page("sofa", member=None).items] == ["image"]


def test_what_we_answer_is_found_and_what_a_run_sent_is_not() -> None:
    talk = a_conversation()
    answer = an_outgoing(talk.thread.connection, talk.contact, content={"text": "Segue o boleto"})
    texts.note(message=answer)
    texts.note(message=of_a_run(talk, "Boleto em promoção"))
    assert said("boleto") == ["Segue o boleto"]


def of_a_run(talk: Conversation, text: str) -> Message:
    stream = Stream.objects.create(kind="campaign")
    return an_outgoing(talk.thread.connection, talk.contact, stream=stream, content={"text": text})


def test_an_edited_text_is_found_by_its_new_words_alone() -> None:
    talk = a_conversation(content={"text": "Rua das Flores"})
    message = Message.objects.get(pk=talk.last_message_id)
    message.content = {"text": "Rua das Pedras"}
    texts.note(message=message)
    assert MessageText.objects.count() == 1
    assert search.message_page("flores", member=None).items == []
    message.save()
    assert said("pedras") == ["Rua das Pedras"]


def test_a_redacted_text_is_forgotten() -> None:
    talk = a_conversation(content={"text": "Meu CPF"})
    message = Message.objects.get(pk=talk.last_message_id)
    message.content = {}
    texts.note(message=message)
    assert MessageText.objects.count() == 0


def test_all_that_one_person_said_can_be_forgotten() -> None:
    connection = a_connection()
    talk = a_conversation(connection, content={"text": "segredo da Ana"})
    a_conversation(connection, phone="5511987650002", content={"text": "segredo da Bia"})
    assert texts.forget_contact(contact_id=talk.contact_id) == 1
    assert said("segredo") == ["segredo da Bia"]


def test_messages_of_before_search_are_taken_up_in_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(texts, "BATCH", 2)
    connection = a_connection()
    for index in range(5):
        received(connection, f"antigo {index}")
    MessageText.objects.all().delete()
    place, rounds = texts.backfill(), 1
    while place is not None:
        place, rounds = texts.backfill(after=place), rounds + 1
    assert (len(said("antigo")), rounds) == (5, 3)


@pytest.mark.parametrize("typed", ["pedido", "pedido num"])
@pytest.mark.parametrize("few", [-1, 1_000_000])
@pytest.mark.parametrize("walks", [(0, 0), (0, 3), (3, 5), (100, 100)])
def test_pages_of_finds_neither_repeat_nor_hide_whichever_way_they_are_found(
    walks: tuple[int, int], few: int, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "NEWEST_MESSAGES", walks)
    monkeypatch.setattr(search, "FEW_MESSAGES", few)
    connection, now = a_connection(), timezone.now()
    moments = [now - timedelta(minutes=index // 3) for index in range(9)]  # ties of three
    for index, at in enumerate(moments):
        received(connection, f"numero do pedido {index}", at=at)
    received(connection, "outra coisa", at=now)
    seen: list[str] = []
    page = search.message_page(typed, member=None, size=2)
    while True:
        seen += [hit.message.content["text"] for hit in page.items]
        received(connection, f"numero do pedido novo {len(seen)}", at=timezone.now())
        if not page.next_cursor:
            break
        page = search.message_page(typed, member=None, cursor=page.next_cursor, size=2)
    assert sorted(seen) == [f"numero do pedido {index}" for index in range(9)]
    assert [int(text[-1]) // 3 for text in seen] == [0, 0, 0, 1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("walks", [(0, 0), (0, 1), (1, 1), (1, 100), (100, 100)])
def test_people_are_found_by_a_word_of_the_name_and_by_the_end_of_the_phone(
    walks: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "NEWEST_CONVERSATIONS", walks)
    connection = a_connection()
    joao = a_conversation(connection, phone="5511987651234", profile_name="João Gonçalves")
    bia = a_conversation(connection, phone="5511987655678", profile_name="Bia Gomes")

    def found(typed: str) -> list[Any]:
        return [row.pk for row in search.people_page(typed, member=None).items]

    assert found("goncal") == [joao.pk]
    assert found("go") == [bia.pk, joao.pk]  # the latest first
    assert found("1234") == [joao.pk]
    assert found("...") == []


def test_a_resolved_conversation_is_found_too() -> None:
    talk = a_conversation(content={"text": "obrigada pela cadeira"})
    status.resolve(conversation_id=talk.pk, actor="system")
    assert said("cadeira") == ["obrigada pela cadeira"]
    assert [row.pk for row in search.people_page("ana", member=None).items] == [talk.pk]


def test_a_page_of_finds_costs_the_same_for_one_and_for_many(
    django_assert_num_queries: Any,
) -> None:
    connection = a_connection()
    for phone in ("5511987650001", "5511987650002", "5511987650003"):
        received(connection, "cadeira azul", phone=phone)
        # The floor, the finds, their messages and the conversations.
        with django_assert_num_queries(4):
            search.message_page("cadeira", member=None)

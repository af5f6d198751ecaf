"""Canned replies: shortcuts, who sees them, and what fills their places."""

import pytest

from conversations.canned import Context, fill
from conversations.models import CannedReply
from conversations.selectors import get_conversation
from conversations.services import canned
from core.errors import Conflict, Invalid
from tests.conversations.factories import a_conversation, a_member

pytestmark = pytest.mark.usefixtures("company")


@pytest.mark.parametrize(
    ("typed", "shortcut"), [("/Bom dia!", "bom-dia"), ("PREÇO", "preco"), ("2ª via", "2a-via")]
)
def test_a_shortcut_is_what_is_easily_typed(typed: str, shortcut: str) -> None:
    assert canned.create_reply(shortcut=typed, text="Oi", owner=None).shortcut == shortcut


def test_a_shortcut_is_taken_once_for_all_and_once_for_each_member() -> None:
    bia = a_member()
    canned.create_reply(shortcut="oi", text="Oi!", owner=None)
    canned.create_reply(shortcut="oi", text="Olá!", owner=bia)
    for owner in (None, bia):
        with pytest.raises(Conflict) as taken:
            canned.create_reply(shortcut="Oi", text="Opa!", owner=owner)
        assert taken.value.field == "shortcut"
    assert CannedReply.objects.count() == 2


@pytest.mark.parametrize(
    ("shortcut", "text", "field"),
    [
        ("!!", "Oi", "shortcut"),
        ("x" * 41, "Oi", "shortcut"),
        ("oi", "  ", "text"),
        ("oi", "x" * 4097, "text"),
        ("oi", "Oi {{contact.shoe_size}}", "text"),
    ],
)
def test_what_cannot_be_used_is_refused(shortcut: str, text: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        canned.create_reply(shortcut=shortcut, text=text, owner=None)
    assert list(refused.value.errors) == [field]


def test_a_place_that_nothing_fills_is_named_with_those_that_there_are() -> None:
    with pytest.raises(Invalid) as refused:
        canned.create_reply(shortcut="oi", text="Oi {{ nome }}", owner=None)
    sentence = str(refused.value.errors["text"][0].message)
    assert sentence.startswith("Nothing fills {{nome}}. You can use: {{contact.first_name}}, ")


def test_an_edited_reply_is_checked_alike_and_a_deleted_one_is_gone() -> None:
    reply = canned.create_reply(shortcut="oi", text="Oi!", owner=None)
    canned.update_reply(reply=reply, shortcut="ola", text="Olá!")
    assert (reply.shortcut, reply.text) == ("ola", "Olá!")
    with pytest.raises(Invalid):
        canned.update_reply(reply=reply, text="")
    canned.delete_reply(reply=reply)
    assert not CannedReply.objects.exists()


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Oi, {{contact.first_name}}!", "Oi, Ana!"),
        ("{{ contact.name }} · {{contact.phone}}", "Ana Souza · +55 (11) 98765-0001"),
        ("Sou {{agent.first_name}}, da {{company.name}}.", "Sou Bia, da Aurora."),
        ("Sem lugar", "Sem lugar"),
    ],
)
def test_places_are_filled(text: str, filled: str) -> None:
    talk = get_conversation(a_conversation().pk)
    assert fill(text, Context(talk, a_member(), "Aurora")) == filled


def test_what_we_do_not_know_is_left_out_with_its_space() -> None:
    talk = get_conversation(a_conversation().pk)
    talk.contact.name = ""
    assert fill("Oi {{contact.first_name}}!", Context(talk, None, "Aurora")) == "Oi!"

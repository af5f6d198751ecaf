"""Labels on conversations."""

import pytest

from conversations.models import Conversation, Label
from conversations.services import labels
from core.errors import Conflict, Invalid
from core.ids import uuid7
from events.models import Event
from tests.conversations.factories import a_conversation
from tests.conversations.test_status import told

pytestmark = pytest.mark.usefixtures("company")


def test_names_are_one_whatever_their_case_and_accents() -> None:
    labels.create_label(name="  Dúvida   técnica ")
    with pytest.raises(Conflict) as taken:
        labels.create_label(name="duvida TECNICA")
    assert taken.value.code == "label_exists"
    assert list(Label.objects.values_list("name", "key")) == [("Dúvida técnica", "duvida tecnica")]


@pytest.mark.parametrize(
    ("name", "color", "field"),
    [(" ", "gray", "name"), ("x" * 61, "gray", "name"), ("Ok", "beige", "color")],
)
def test_a_name_and_one_of_the_colours_are_needed(name: str, color: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        labels.create_label(name=name, color=color)
    assert list(refused.value.errors) == [field]


def test_putting_on_and_taking_off_is_one_fact_and_one_line() -> None:
    talk, urgent, old = (
        a_conversation(),
        labels.create_label(name="Urgente"),
        labels.create_label(name="Velho"),
    )
    assert labels.change(conversation_id=talk.pk, add=[old.pk], actor="system") is True
    assert labels.change(conversation_id=talk.pk, add=[old.pk], actor="system") is False
    labels.change(conversation_id=talk.pk, add=[urgent.pk], remove=[old.pk], actor="system")
    assert list(talk.labels.all()) == [urgent]
    assert told(talk) == [
        "A program changed the labels: + Velho",
        "A program changed the labels: + Urgente, − Velho",  # noqa: RUF001
    ]
    fact = Event.objects.filter(type="conversation.labelled").order_by("-sequence")[0]
    assert (fact.data["added"], fact.data["removed"]) == ([str(urgent.pk)], [str(old.pk)])


def test_a_label_that_is_gone_cannot_be_put_on() -> None:
    talk = a_conversation()
    with pytest.raises(Invalid) as refused:
        labels.change(conversation_id=talk.pk, add=[uuid7()], actor="system")
    assert list(refused.value.errors) == ["label"]
    assert labels.change(conversation_id=talk.pk, remove=[uuid7()], actor="system") is False


def test_a_renamed_label_stays_on_and_a_deleted_one_leaves_the_conversation() -> None:
    talk, label = a_conversation(), labels.create_label(name="Velho")
    labels.change(conversation_id=talk.pk, add=[label.pk], actor="system")
    labels.update_label(label=label, name="Antigo", color="red")
    assert [str(one) for one in talk.labels.all()] == ["Antigo"]
    labels.delete_label(label=label)
    assert list(Conversation.objects.get(pk=talk.pk).labels.all()) == []

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.search import fold, matches
from crm.selectors import contact_list
from crm.services.contacts import update_contact
from tests.crm.factories import a_contact


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    "text",
    [
        "joão",
        "JOAO",
        "joa",
        "conc",
        "D'Ávila",
        "avila joao",
        "(11) 98765",
        "98765-4321",
        "4321",
        "11 98765-4321",
        "+55 11 98765-4321",
        "011 98765",
        "joao@ex",
        "joao@example.com",
        "example",
        "joao 4321",
    ],
)
def test_a_contact_is_found_by(text: str) -> None:
    joao = a_contact(name="João d'Ávila Conceição", phone="11 98765-4321", email="joao@example.com")
    a_contact(name="Maria Lima", phone="21 91234-5678", email="maria@nowhere.org")
    assert [item.pk for item in contact_list(q=text)] == [joao.pk]


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("text", ["oao", "765", "joao maria", "zzz", "joao@example.com.br"])
def test_a_contact_is_not_found_by(text: str) -> None:
    a_contact(name="João", phone="11 98765-4321", email="joao@example.com")
    assert list(contact_list(q=text)) == []


@pytest.mark.usefixtures("company")
def test_a_new_name_is_found_and_the_old_one_no_more() -> None:
    contact = a_contact(name="Ana Souza")
    update_contact(contact=contact, changes={"name": "Ana Lima"})
    assert contact_list(q="lima").count() == 1
    assert contact_list(q="souza").count() == 0


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("text", ["' | 'x", "\\", "a\\'b", "!:*&|()<->", "a:*b", "\x00ana", "''"])
def test_punctuation_never_breaks_the_query(text: str) -> None:
    assert list(contact_list(q=text)) == []


def test_a_text_without_words_or_digits_is_no_condition() -> None:
    assert matches("  ") is None
    assert matches("()-") is None


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)

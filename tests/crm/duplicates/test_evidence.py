"""What makes two contacts look like one person."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.duplicates import evidence
from crm.enums import FieldKind, IdentityKind
from crm.models import Contact, Identity
from crm.services.contacts import delete_contact
from crm.services.fields import create_field
from tests.crm.factories import a_contact

pytestmark = pytest.mark.usefixtures("company")
CPF = "529.982.247-25"


def known(contact: Contact, kind: str, value: str) -> None:
    Identity.objects.create(contact=contact, kind=kind, value=value)


def found(*contacts: Contact) -> list[list[str]]:
    """The evidence of the pair; none when they are not one."""
    one, other = contacts
    pairs = evidence.find([one.pk])
    assert pairs == evidence.find([other.pk])
    assert set(pairs) <= {(one.pk, other.pk)}
    return list(pairs.values())


def test_one_number_as_whatsapp_id_without_the_nine_and_as_phone() -> None:
    one = a_contact(name="Ana", phone="", email="ana@x.com")
    known(one, IdentityKind.WA_ID, "551187654321")
    assert found(one, a_contact(name="Bia", phone="11987654321")) == [["phone"]]


def test_letters_to_two_spellings_reach_one_gmail_mailbox() -> None:
    one = a_contact(email="ana.souza@gmail.com")
    assert found(one, a_contact(name="B", email="anasouza+loja@gmail.com")) == [["mailbox"]]


def test_dots_part_the_mailboxes_of_others() -> None:
    one = a_contact(name="A", email="ana.souza@empresa.com")
    assert found(one, a_contact(name="B", email="anasouza@empresa.com")) == []


def test_an_external_id_with_other_zeros_and_case() -> None:
    one = a_contact(name="A", external_id="00a17")
    assert found(one, a_contact(name="B", external_id="A17")) == [["external_id"]]


def test_a_cpf_in_any_spelling_if_it_is_one() -> None:
    one = a_contact(name="A", attributes={"cpf": CPF})
    assert found(one, a_contact(name="B", attributes={"cpf": "52998224725"})) == [["cpf"]]
    wrong = a_contact(name="C", attributes={"cpf": "11111111111"})
    assert found(wrong, a_contact(name="D", attributes={"cpf": "11111111111"})) == []


@pytest.mark.parametrize(
    ("digits", "is_one"),
    [("52998224725", True), ("52998224724", False), ("11111111111", False), ("5299822472", False)],
)
def test_a_cpf_has_two_digits_of_proof(digits: str, is_one: bool) -> None:
    assert evidence.is_cpf(digits) is is_one


def test_a_name_alone_is_no_evidence() -> None:
    assert found(a_contact(name="Ana Souza"), a_contact(name="ANA SOUZÁ")) == []


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ({"phone": "11987654321"}, {"phone": "21987654321"}, "name_and_digits"),
        ({"email": "ana.s@x.com"}, {"email": "ana.s@y.com"}, "name_and_mail"),
        ({"attributes": {"cidade": "Recife"}}, {"attributes": {"cidade": "Recife"}},
         "name_and_field"),
        ({"attributes": {"nasc": "1990-05-01"}}, {"attributes": {"nasc": "1990-05-01"}},
         "name_and_date"),
    ],
)  # fmt: skip
def test_a_name_with_something_else_in_common(one: Any, other: Any, code: str) -> None:
    create_field(label="Nasc", kind=FieldKind.DATE)
    assert found(a_contact(name="Ana Souza", **one), a_contact(name="ana souza", **other)) == [
        [code]
    ]


def test_a_first_name_is_too_little() -> None:
    same = {"cidade": "Recife"}
    assert (
        found(a_contact(name="Ana", attributes=same), a_contact(attributes=same, name="Ana")) == []
    )


def test_what_too_many_have_in_common_tells_nobody_apart() -> None:
    people = [a_contact(name=f"P{n}", external_id=f"{'0' * n}7") for n in range(21)]
    assert evidence.find([people[0].pk]) == {}


def test_who_is_deleted_is_nobodys_double() -> None:
    one = a_contact(name="A", email="ana.souza@gmail.com")
    other = a_contact(name="B", email="anasouza@gmail.com")
    delete_contact(contact=other)
    assert evidence.find([one.pk]) == {}


def test_many_contacts_take_the_same_few_statements() -> None:
    people = [a_contact(name=f"Ana Souza {n}", email=f"a{n}@gmail.com") for n in range(30)]
    with CaptureQueriesContext(connection) as captured:
        evidence.find([one.pk for one in people])
    assert len(captured) <= 9

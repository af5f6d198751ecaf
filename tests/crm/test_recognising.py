"""Many people are recognised at once, as one would be."""

from typing import Any

from crm.enums import IdentityKind
from crm.models import Contact
from crm.services import contacts, recognising
from crm.services.identities import Known
from crm.services.recognising import Recognised
from tenants.models import Company


def phone(number: str) -> Known:
    return Known(IdentityKind.PHONE, number)


def email(address: str) -> Known:
    return Known(IdentityKind.EMAIL, address)


def test_each_is_who_has_the_first_of_their_identities(company: Company) -> None:
    ana = contacts.create_contact(name="Ana", phone="+5511987654321", email="ana@example.com")
    bia = contacts.create_contact(phone="+5511987654322")
    gone = contacts.create_contact(name="Caio", phone="+5511987654323")
    Contact.objects.filter(pk=gone.pk).update(deleted_at="2026-01-01T00:00Z")
    people = [
        [phone("11 98765-4321"), email("ANA@example.com")],
        [phone("+5511987654322"), email("new@example.com")],
        [phone("+551187654322"), email("ana@example.com")],
        [phone("+5511987654323")],
        [phone("+5511900000000")],
        [],
    ]
    assert recognising.recognise(people) == [
        Recognised(ana.pk, "Ana", is_whole=True),
        Recognised(bia.pk, "", is_whole=False),
        Recognised(bia.pk, "", is_whole=True),
        None,
        None,
        None,
    ]


def test_how_many_they_are_costs_nothing_more(
    company: Company, django_assert_num_queries: Any
) -> None:
    numbers = [f"+55119876543{number}" for number in range(10, 30)]
    made = [contacts.create_contact(phone=number) for number in numbers]
    with django_assert_num_queries(1):
        found = recognising.recognise([[phone(number)] for number in numbers])
    assert [one.contact_id for one in found if one] == [contact.pk for contact in made]

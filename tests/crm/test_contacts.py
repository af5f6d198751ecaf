from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict, Invalid
from crm.models import Contact, ContactTag, Identity, Tag
from crm.selectors import consent_state, contact_list
from crm.services.contacts import (
    OptIn,
    create_contact,
    delete_contact,
    restore_contact,
    set_tags,
    tag,
    untag,
    update_contact,
)
from events.models import Event
from tests.crm.factories import a_contact

pytestmark = pytest.mark.usefixtures("company")


def event_types() -> list[str]:
    return list(Event.objects.order_by("sequence").values_list("type", flat=True))


def test_a_contact_is_created_with_tags_fields_and_consent() -> None:
    contact = create_contact(
        name="  Ana   Souza ",
        phone="(11) 98765-4321",
        email="Ana@Example.com",
        tags=["VIP", "vip", "São Paulo"],
        attributes={"cidade": "Recife", "empty": ""},
        opt_in=OptIn(source="site form"),
    )
    assert contact.name == "Ana Souza"
    assert contact.attributes == {"cidade": "Recife"}
    assert [item.name for item in contact.tags.all()] == ["São Paulo", "VIP"]
    assert sorted(contact.identities.values_list("value", flat=True)) == [
        "+551187654321",
        "+5511987654321",
        "ana@example.com",
    ]
    assert consent_state([contact.pk], "whatsapp", "marketing") == {contact.pk: True}
    assert event_types() == [
        "contact.created",
        "contacts.tagged",
        "contacts.tagged",
        "contact.opted_in",
    ]


def test_the_same_phone_in_another_spelling_is_refused_and_names_the_contact() -> None:
    a_contact(phone="11987654321")
    with pytest.raises(Conflict) as caught:
        create_contact(name="Other", phone="+55 11 8765-4321")
    assert (caught.value.code, caught.value.field) == ("contact_exists", "phone")
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"name": "Ana"}, "phone", "phone_missing"),
        ({"phone": "20 98765-4321"}, "phone", "phone_bad_area_code"),
        ({"phone": "11987654321", "email": "ana@"}, "email", "email_invalid"),
        ({"phone": "11987654321", "name": "x" * 201}, "name", "invalid"),
        ({"phone": "11987654321", "attributes": {"a": ["x"]}}, "attributes", "invalid"),
        ({"phone": "11987654321", "attributes": {"a": "x\0"}}, "attributes", "invalid"),
        ({"phone": "11987654321", "attributes": {"a\0": "x"}}, "attributes", "invalid"),
        ({"phone": "11987654321", "attributes": {"a": "\ud83d"}}, "attributes", "invalid"),
        ({"phone": "11987654321", "attributes": {"a": float("inf")}}, "attributes", "invalid"),
        ({"phone": "11987654321", "tags": ["x" * 61]}, "tags", "invalid"),
        ({"phone": "11987654321", "opt_in": OptIn(source=" ")}, "opt_in.source", "invalid"),
        (
            {
                "phone": "11987654321",
                "opt_in": OptIn(source="shop", at=timezone.now() + timedelta(days=1)),
            },
            "opt_in.at",
            "invalid",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_field(fields: dict, field: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        create_contact(**fields)
    assert {name: error[0].code for name, error in caught.value.errors.items()} == {field: code}
    assert Contact.objects.count() == 0


def test_changing_the_phone_frees_the_old_one() -> None:
    contact = a_contact(phone="11987654321", email="ana@example.com")
    update_contact(contact=contact, changes={"phone": "21 99999-0000", "name": "Ana Lima"})
    assert sorted(contact.identities.values_list("value", flat=True)) == [
        "+552199990000",
        "+5521999990000",
        "ana@example.com",
    ]
    assert a_contact(phone="11987654321").pk != contact.pk


def test_writing_the_same_phone_differently_changes_nothing() -> None:
    contact = a_contact(phone="11987654321")
    update_contact(contact=contact, changes={"phone": "+55 (11) 8765-4321"})
    assert event_types() == ["contact.created"]


def test_fields_are_merged_and_none_takes_one_away() -> None:
    contact = a_contact(attributes={"cidade": "Recife", "uf": "PE"})
    changed = update_contact(contact=contact, changes={"attributes": {"uf": None, "nota": 7}})
    assert changed.attributes == {"cidade": "Recife", "nota": 7}


def test_a_deleted_contact_frees_its_phone_and_leaves_the_lists() -> None:
    contact = a_contact(phone="11987654321")
    delete_contact(contact=contact)
    assert list(contact_list(q="")) == []
    assert a_contact(phone="11987654321").pk != contact.pk


def test_a_deletion_can_be_undone() -> None:
    contact = a_contact(phone="11987654321")
    delete_contact(contact=contact)
    restore_contact(contact=contact)
    assert [item.pk for item in contact_list(q="987654321")] == [contact.pk]
    assert Identity.objects.held().count() == 2


def test_a_deletion_cannot_be_undone_once_the_phone_is_another_contacts() -> None:
    contact = a_contact(phone="11987654321")
    delete_contact(contact=contact)
    a_contact(phone="11987654321")
    with pytest.raises(Conflict) as caught:
        restore_contact(contact=contact)
    assert caught.value.code == "contact_exists"
    assert Contact.objects.alive().count() == 1


def test_deleting_twice_tells_one_fact() -> None:
    contact = a_contact()
    delete_contact(contact=contact)
    delete_contact(contact=contact)
    assert event_types() == ["contact.created", "contact.deleted"]


def test_tags_are_one_whatever_their_case_and_accents() -> None:
    contact = a_contact(tags=["Promoção"])
    set_tags(contact=contact, tags=["PROMOCAO", "Novo"])
    assert list(Tag.objects.values_list("name", flat=True)) == ["Novo", "Promoção"]
    assert contact.tags.count() == 2


def test_many_contacts_are_tagged_and_untagged() -> None:
    ids = [a_contact(tags=["a"]).pk, a_contact().pk]
    assert tag(contact_ids=ids, tags=["a", "b"]) == 3
    assert untag(contact_ids=ids, tag_ids=[Tag.objects.get(name="a").pk]) == 2
    assert ContactTag.objects.count() == 2

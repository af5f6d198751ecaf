"""What another system has is taken over, and what stands here is never overwritten."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.errors import Invalid
from crm.enums import ErasureReason
from crm.models import Contact
from crm.services import erasing
from crm.services.contacts import update_contact
from events.models import Event
from integrations.models import ExternalId, Integration, Push
from integrations.providers.base import RemoteContact
from integrations.services import applying
from tests.crm.factories import a_contact

PHONE = "+5511987654321"


def remote(**fields: Any) -> RemoteContact:
    values: dict[str, Any] = {"id": "7", "name": "Ana", "phones": [PHONE], "version": "1"}
    return RemoteContact(**{**values, **fields})


def tags_of(contact: Contact) -> set[str]:
    return set(contact.tags.values_list("name", flat=True))


def test_a_known_address_is_the_same_contact_and_only_what_is_empty_is_filled(
    integration: Integration,
) -> None:
    integration.preferences = {"mapping": {"cidade": "1003", "plano": "1004"}}
    person = a_contact("Ana Souza", phone=PHONE, attributes={"cidade": "Recife"})
    theirs = remote(fields={"1003": "Olinda", "1004": "Ouro"}, emails=["ana@example.com"])
    assert applying.apply(integration, [theirs]) == {"updated": 1}
    person.refresh_from_db()
    assert person.name == "Ana Souza"
    assert person.attributes == {"cidade": "Recife", "plano": "Ouro"}
    assert person.identities.filter(kind="email", value="ana@example.com").exists()


def test_tags_are_followed_in_both_directions_and_ours_stay(integration: Integration) -> None:
    person = a_contact(phone=PHONE, tags=["Nosso"])
    applying.apply(integration, [remote(tags=["VIP", "Lead"])])
    assert tags_of(person) == {"Nosso", "VIP", "Lead"}
    applying.apply(integration, [remote(tags=["vip"], version="2")])
    assert tags_of(person) == {"Nosso", "VIP"}


def test_a_tag_that_was_taken_off_here_does_not_come_back(integration: Integration) -> None:
    person = a_contact(phone=PHONE)
    applying.apply(integration, [remote(tags=["VIP"])])
    update_contact(contact=person, changes={"tags": []})
    applying.apply(integration, [remote(tags=["VIP"], version="2")])
    assert tags_of(person) == set()


def test_tags_stay_apart_where_people_want_it(integration: Integration) -> None:
    integration.preferences = {"tags": False}
    person = a_contact(phone=PHONE)
    applying.apply(integration, [remote(tags=["VIP"])])
    assert tags_of(person) == set()


@pytest.mark.parametrize("field", [{"phones": []}, {"phones": ["12"], "emails": ["não é"]}])
def test_who_cannot_be_known_is_left_out(integration: Integration, field: dict[str, Any]) -> None:
    assert applying.apply(integration, [remote(**field)]) == {"skipped": 1}


def test_a_value_that_our_field_does_not_take_leaves_the_rest(integration: Integration) -> None:
    integration.preferences = {"mapping": {"cidade": "1003"}}
    theirs = remote(fields={"1003": "x" * 2000}, tags=["VIP"])
    assert applying.apply(integration, [theirs]) == {"created": 1}
    person = Contact.objects.get()
    assert (person.attributes, tags_of(person)) == ({}, {"VIP"})


def test_what_is_longer_there_than_ours_may_be_leaves_the_rest(integration: Integration) -> None:
    person = a_contact("", phone=PHONE)
    theirs = remote(name="n" * 300, tags=["t" * 61, " ", "VIP"])
    assert applying.apply(integration, [theirs]) == {"updated": 1}
    person.refresh_from_db()
    assert (person.name, tags_of(person)) == ("n" * 200, {"VIP"})
    # Not agreed on, so that the next push does not take them off there.
    assert ExternalId.objects.get().tags == ["VIP"]
    applying.apply(integration, [remote(name="n" * 300, tags=["t" * 61], version="2")])
    assert tags_of(person) == set()


def test_a_long_name_there_fills_an_empty_one_of_a_known_contact(integration: Integration) -> None:
    person = a_contact("Ana", phone=PHONE)
    applying.apply(integration, [remote()])
    Contact.objects.update(name="")
    applying.apply(integration, [remote(name="n" * 300, version="2")])
    person.refresh_from_db()
    assert person.name == "n" * 200


def test_the_same_person_twice_there_and_a_deleted_one_here_are_left_out(
    integration: Integration,
) -> None:
    assert applying.apply(integration, [remote(), remote(id="8")]) == {"created": 1, "skipped": 1}
    Contact.objects.update(deleted_at="2026-01-01T00:00:00Z")
    assert applying.apply(integration, [remote(version="2")]) == {"skipped": 1}


def test_who_was_erased_here_does_not_come_back(integration: Integration) -> None:
    person = a_contact(phone=PHONE)
    erasure = erasing.erase(contact=person, reason=ErasureReason.REQUEST)
    erasing.run(str(erasure.pk))
    assert applying.apply(integration, [remote()]) == {"skipped": 1}
    assert not ExternalId.objects.exists()
    assert not Push.objects.exists()


def test_what_was_so_before_it_was_connected_is_no_news(integration: Integration) -> None:
    connected_at = integration.connected_at
    assert connected_at is not None
    Event.objects.all().delete()
    long_ago = connected_at - timedelta(days=300)
    old = remote(tags=["VIP"], changed_at=long_ago)
    undated = remote(id="8", name="Bia", phones=["+5511987654322"], tags=["VIP"])
    applying.apply(integration, [old, undated])
    assert Contact.objects.count() == 2
    assert list(Event.objects.all()) == []
    new = remote(
        id="9", name="Caio", phones=["+5511987654323"], tags=["VIP"], changed_at=timezone.now()
    )
    applying.apply(integration, [new])
    types = Event.objects.order_by("sequence").values_list("type", flat=True)
    assert list(types) == ["contact.created", "contacts.tagged", "contact.updated"]


def test_one_contact_that_does_not_fit_at_all_stops_no_reading(
    integration: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_contact("Ana", phone=PHONE)

    def unfit(**kwargs: Any) -> None:
        raise Invalid({"tags": "no"})

    monkeypatch.setattr(applying.contacts, "update_contact", unfit)
    counts = applying.apply(integration, [remote(tags=["VIP"])])
    assert counts == {"updated": 1}

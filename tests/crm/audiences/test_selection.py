from typing import Any

import pytest

from core.errors import Invalid
from core.ids import uuid7
from crm import audiences
from crm.models import Import, ImportRow, Tag
from crm.public_ids import CONTACT, IMPORT, TAG
from crm.services.contacts import delete_contact
from tests.crm.factories import a_contact

pytestmark = pytest.mark.usefixtures("company")


def chosen(audience: dict[str, Any]) -> set[str]:
    return {contact.name for contact in audiences.select(audiences.validate(audience))}


@pytest.fixture(autouse=True)
def contacts(company: Any) -> dict[str, Any]:
    made = {
        "ana": a_contact(name="ana", tags=["VIP", "Recife"]),
        "bia": a_contact(name="bia", tags=["VIP"]),
        "caio": a_contact(name="caio", tags=["Recife"]),
        "duda": a_contact(name="duda"),
    }
    delete_contact(contact=a_contact(name="gone", tags=["VIP"]))
    return made


def test_everybody_but_the_deleted() -> None:
    assert chosen({"all": True}) == {"ana", "bia", "caio", "duda"}


def test_any_of_the_tags_and_none_of_the_excluded() -> None:
    assert chosen({"tags": ["vip", "RECIFE"]}) == {"ana", "bia", "caio"}
    assert chosen({"tags": ["vip"], "exclude_tags": ["recife"]}) == {"bia"}
    assert chosen({"all": True, "exclude_tags": ["vip"]}) == {"caio", "duda"}


def test_tags_go_by_public_id_and_are_kept_as_uuids() -> None:
    tag = Tag.objects.get(key="vip")
    by_name = audiences.validate({"tags": ["Vip"]})
    assert by_name == audiences.validate({"tags": [TAG.encode(tag.pk)]}) == {"tags": [str(tag.pk)]}
    assert audiences.validate(by_name) == by_name


def test_contacts_are_named_by_public_id(contacts: dict[str, Any]) -> None:
    ids = [CONTACT.encode(contacts["ana"].pk), CONTACT.encode(contacts["duda"].pk)]
    assert chosen({"contacts": ids}) == {"ana", "duda"}


def test_the_contacts_of_an_import(contacts: dict[str, Any]) -> None:
    batch = Import.objects.create(filename="x.csv")
    ImportRow.objects.create(batch=batch, number=2, contact=contacts["bia"])
    ImportRow.objects.create(batch=batch, number=3, contact=contacts["bia"], code="duplicate")
    ImportRow.objects.create(batch=batch, number=4, code="phone_missing")
    assert chosen({"import": IMPORT.encode(batch.pk)}) == {"bia"}
    assert audiences.count(audiences.validate({"import": str(batch.pk)})) == 1


@pytest.mark.parametrize(
    ("audience", "code"),
    [
        (None, "audience_form"),
        ({}, "audience_form"),
        ({"all": False}, "audience_form"),
        ({"all": True, "tags": []}, "audience_form"),
        ({"all": True, "limit": 3}, "audience_form"),
        ({"tags": "VIP"}, "audience_form"),
        ({"tags": []}, "audience_empty"),
        ({"tags": ["nobody"]}, "audience_unknown"),
        ({"tags": ["vip"], "exclude_tags": ["nobody"]}, "audience_unknown"),
        ({"contacts": []}, "audience_empty"),
        ({"contacts": ["con_x"]}, "audience_unknown"),
        ({"contacts": [str(uuid7())]}, "audience_unknown"),
        ({"import": "imp_x"}, "audience_unknown"),
        ({"import": str(uuid7())}, "audience_unknown"),
    ],
)
def test_what_is_no_audience_is_refused(audience: Any, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        audiences.validate(audience)
    assert caught.value.errors["audience"][0].code == code


def test_batches_go_through_everybody_once_in_order() -> None:
    everybody = [pk for batch in audiences.batches({"all": True}, size=3) for pk in batch]
    assert everybody == sorted(everybody)
    assert len(set(everybody)) == 4
    assert audiences.next_ids({"all": True}, size=3, after=everybody[2]) == everybody[3:]

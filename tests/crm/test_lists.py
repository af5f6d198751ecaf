"""Lists: contacts put together by hand, and chosen by them for an audience."""

from typing import Any

import pytest

from core import scope
from core.errors import Conflict, Invalid
from core.ids import uuid7
from crm import audiences
from crm.models import ContactList, ListMember
from crm.public_ids import CONTACT
from crm.selectors import contact_list, lists_with_counts
from crm.services import lists, segments
from crm.services.contacts import delete_contact
from crm.services.merging import merge_contacts, undo_merge
from tenants.enums import Role
from tenants.models import Company
from tests.crm.factories import a_contact

inside = pytest.mark.usefixtures("company")


@inside
def test_a_name_stands_once_whatever_its_case_and_accents() -> None:
    made = lists.create_list(name="  Promoção  de maio ")
    assert made.name == "Promoção de maio"
    assert lists.ensure_list(name="PROMOCAO DE MAIO") == made
    with pytest.raises(Conflict) as caught:
        lists.create_list(name="promocao de maio")
    assert caught.value.code == "list_exists"
    for name in ("", "x" * 81):
        with pytest.raises(Invalid):
            lists.rename_list(contact_list=made, name=name)


@inside
def test_contacts_come_once_and_go() -> None:
    made, first, second = lists.create_list(name="A"), a_contact(), a_contact()
    ids = [first.pk, second.pk, uuid7()]
    assert lists.add_contacts(contact_list=made, contact_ids=ids) == 2
    assert lists.add_contacts(contact_list=made, contact_ids=ids) == 0
    assert lists.remove_contacts(contact_list=made, contact_ids=[first.pk]) == 1
    assert [row.pk for row in contact_list(list_id=made.pk)] == [second.pk]
    with pytest.raises(Invalid):
        lists.add_contacts(contact_list=made, contact_ids=[uuid7() for _ in range(10_001)])


@inside
def test_deleted_contacts_neither_count_nor_come_on_a_list() -> None:
    made, contact = lists.create_list(name="A"), a_contact()
    lists.add_contacts(contact_list=made, contact_ids=[contact.pk])
    delete_contact(contact=contact)
    assert lists_with_counts().get().contact_count == 0
    other = lists.create_list(name="B")
    assert lists.add_contacts(contact_list=other, contact_ids=[contact.pk]) == 0


@inside
def test_an_audience_goes_by_a_list_which_then_stays() -> None:
    made, contact = lists.create_list(name="A"), a_contact(name="Ana")
    a_contact(name="Bia")
    lists.add_contacts(contact_list=made, contact_ids=[contact.pk])
    rule = {"kind": "list", "op": "any_of", "value": [str(made.pk)]}
    segment = segments.create_segment(name="S", audience={"include": [rule]})
    assert [row.name for row in audiences.select(segment.audience)] == ["Ana"]
    outside = audiences.validate({"include": [{**rule, "op": "none_of"}]})
    assert [row.name for row in audiences.select(outside)] == ["Bia"]
    with pytest.raises(Conflict) as caught:
        lists.delete_list(contact_list=made)
    assert caught.value.code == "list_in_use"
    segments.delete_segment(segment=segment)
    lists.delete_list(contact_list=made)
    assert not ListMember.objects.exists()


@inside
def test_lists_follow_a_merge_and_its_undoing() -> None:
    both, one = lists.create_list(name="A"), lists.create_list(name="B")
    kept, gone = a_contact(), a_contact()
    lists.add_contacts(contact_list=both, contact_ids=[kept.pk, gone.pk])
    lists.add_contacts(contact_list=one, contact_ids=[gone.pk])
    merge = merge_contacts(kept=kept, gone=gone)
    assert [row.pk for row in contact_list(list_id=one.pk)] == [kept.pk]
    undo_merge(merge=merge)
    assert set(contact_list(list_id=both.pk)) == {kept, gone}
    assert [row.pk for row in contact_list(list_id=one.pk)] == [gone.pk]


def test_lists_are_managed_and_filled_on_their_pages(aurora: Company, client_for: Any) -> None:
    visitor, url = client_for(aurora), "/c/aurora/contacts/"
    with scope.opened(aurora):
        ana, _bia = a_contact(name="Ana Lima"), a_contact(name="Bia Reis")
    chosen = {"ids": [str(ana.pk)], "action": "list", "list_name": "Feira"}
    answer = visitor.post(f"{url}bulk/", chosen)
    with scope.opened(aurora):
        made = ContactList.objects.get()
    assert visitor.get(answer["Location"]).status_code == 200
    page = visitor.get(f"{url}?list={made.pk}").content.decode()
    assert ("Ana Lima" in page, "Bia Reis" in page) == (True, False)
    visitor.post(f"{url}bulk/", {"ids": [str(ana.pk)], "action": "unlist", "list": str(made.pk)})
    with scope.opened(aurora):
        assert not ListMember.objects.exists()
    visitor.post(f"{url}bulk/", {**chosen, "action": "tag", "tags": ""})  # Enter in its field
    with scope.opened(aurora):
        assert ListMember.objects.get().contact_id == ana.pk
    visitor.post(f"{url}bulk/", {**chosen, "list_name": " "})
    assert visitor.post(f"{url}lists/", {"name": "feira"}).status_code == 422
    visitor.post(f"{url}lists/{made.pk}/", {"name": "Evento"})
    assert "Evento" in visitor.get(f"{url}lists/").content.decode()
    visitor.post(f"{url}lists/{made.pk}/delete/")
    with scope.opened(aurora):
        assert not ContactList.objects.exists()
    viewer = client_for(aurora, Role.VIEWER)
    assert viewer.post(f"{url}lists/", {"name": "X"}).status_code == 403


def test_lists_are_managed_by_the_api(aurora: Company, api_client: Any) -> None:
    api, url = api_client(aurora), "/api/v1/lists/"
    with scope.opened(aurora):
        contact = CONTACT.encode(a_contact(name="Ana").pk)
        a_contact(name="Bia")
    made = api.post(url, {"name": "Feira"}, format="json").json()
    one = f"{url}{made['id']}/"
    answer = api.post(f"{one}contacts/", {"add": [contact]}, format="json")
    assert answer.json() == {"added": 1, "removed": 0}
    assert api.get(one).json()["contact_count"] == 1
    found = api.get(f"/api/v1/contacts/?list={made['id']}").json()["results"]
    assert [row["id"] for row in found] == [contact]
    refused = api.post(f"{one}contacts/", {"remove": ["x"]}, format="json")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "remove"
    assert api.patch(one, {"name": "Evento"}, format="json").json()["name"] == "Evento"
    assert api.delete(one).status_code == 204

"""One change of many contacts: whole, resumable, and a deletion can be taken back."""

from collections.abc import Callable

import pytest
from django.test import Client

from core import scope
from core.agenda import slices
from core.errors import Conflict, Invalid
from core.models import AgendaRow
from crm.enums import BulkAction, BulkState
from crm.models import Contact, ContactBulk, ContactTag, Identity, ListMember
from crm.services import bulk, contacts
from crm.services.lists import create_list
from crm.services.tags import create_tag
from events.models import Event
from tenants.enums import Role
from tenants.links import company_path
from tenants.models import Company
from tests.crm.factories import a_contact


def asked(action: str, **rest: object) -> ContactBulk:
    """A change of all that a list shows, run to its end."""
    begun = bulk.start(action=action, **rest)  # type: ignore[arg-type]
    bulk.run(str(begun.pk))
    return ContactBulk.objects.get(pk=begun.pk)


def test_all_that_match_are_tagged_and_no_one_else(company: Company) -> None:
    inside, outside = [a_contact() for _ in range(3)], a_contact()
    mark = create_tag(name="Lead")
    contacts.tag(contact_ids=[one.pk for one in inside], tags=["Lead"])
    done = asked(BulkAction.TAG, query=f"tag={mark.pk}", params={"tags": ["VIP", "Ouro"]})
    assert (done.state, done.done, done.total, done.changed) == (BulkState.DONE, 3, 3, 6)
    assert not ContactTag.objects.filter(contact=outside).exists()
    assert done.query == ""
    fact = Event.objects.get(type="contacts.changed")
    assert fact.data | {"bulk": ""} == {
        "bulk": "", "action": "tag", "state": "done", "changed": 6,
    }  # fmt: skip


def test_taking_off_the_tag_that_is_filtered_by_reaches_everybody(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PIECE", 2)
    people = [a_contact() for _ in range(5)]
    contacts.tag(contact_ids=[one.pk for one in people], tags=["Lead"])
    mark = ContactTag.objects.first()
    assert mark is not None
    done = asked(BulkAction.UNTAG, query=f"tag={mark.tag_id}", params={"tags": ["lead"]})
    assert (done.changed, ContactTag.objects.count()) == (5, 0)


def test_a_change_that_died_half_way_goes_on_behind_its_last_piece(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PIECE", 2)
    people = [a_contact() for _ in range(5)]
    wanted = create_list(name="Festa")
    begun = bulk.start(action=BulkAction.LIST, params={"list": str(wanted.pk)})
    assert bulk._piece(begun.pk)
    half = ContactBulk.objects.get(pk=begun.pk)
    assert (half.done, ListMember.objects.count()) == (2, 2)
    assert [key for key, _at in bulk.due(None)] == [str(begun.pk)]
    bulk.run(str(begun.pk))
    whole = ContactBulk.objects.get(pk=begun.pk)
    assert (whole.done, whole.changed, ListMember.objects.count()) == (5, 5, len(people))
    assert list(bulk.due(None)) == []


def test_a_slice_that_is_over_leaves_the_rest_to_the_agenda(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PIECE", 1)
    monkeypatch.setattr(slices, "SECONDS", 0.0)
    for _ in range(2):
        a_contact()
    begun = bulk.start(action=BulkAction.TAG, params={"tags": ["VIP"]})
    before = AgendaRow.objects.filter(kind=bulk.KIND).count()
    bulk.run(str(begun.pk))
    assert AgendaRow.objects.filter(kind=bulk.KIND).count() == before + 1


def test_a_deletion_is_taken_back_but_for_who_has_no_number_any_more(company: Company) -> None:
    kept, gone = a_contact(), a_contact()
    earlier = a_contact()
    contacts.delete_contact(contact=earlier)
    deletion = asked(BulkAction.DELETE)
    assert (deletion.changed, Contact.objects.alive().count()) == (2, 0)
    phone = Identity.objects.filter(contact=gone, alias_of=None).first()
    assert phone is not None
    heir = contacts.create_contact(name="Heir", phone=phone.value)
    back = bulk.undo(bulk=deletion)
    assert (back.done, back.changed) == (2, 1)
    assert set(Contact.objects.alive().values_list("pk", flat=True)) == {kept.pk, heir.pk}
    with pytest.raises(Conflict) as refused:
        bulk.undo(bulk=deletion)
    assert refused.value.code == "bulk_undone"


def test_only_a_finished_deletion_can_be_undone(company: Company) -> None:
    a_contact()
    running = bulk.start(action=BulkAction.DELETE)
    with pytest.raises(Conflict) as refused:
        bulk.undo(bulk=running)
    assert refused.value.code == "bulk_running"
    with pytest.raises(Conflict) as refused:
        bulk.undo(bulk=asked(BulkAction.TAG, params={"tags": ["VIP"]}))
    assert refused.value.code == "bulk_not_undoable"


def test_a_filter_that_went_away_changes_nobody(company: Company) -> None:
    a_contact()
    mark = create_tag(name="Lead")
    begun = bulk.start(action=BulkAction.DELETE, query=f"tag={mark.pk}")
    mark.delete()
    bulk.run(str(begun.pk))
    assert ContactBulk.objects.get(pk=begun.pk).state == BulkState.FAILED
    assert Contact.objects.alive().count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"action": "explode"}, "action"),
        ({"action": "restore"}, "action"),
        ({"action": "tag", "params": {"tags": [" "]}}, "tags"),
        ({"action": "untag", "params": {"tags": ["unknown"]}}, "tags"),
        ({"action": "list", "params": {"list": "nonsense"}}, "list"),
        ({"action": "delete", "ids": []}, "ids"),
        ({"action": "delete", "query": "q=ana&tag=01a200b5-a0ff-763c-a7f5-8e79aa1f4e79"},
         "filters"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_words(
    company: Company, values: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        bulk.start(**values)  # type: ignore[arg-type]
    assert list(refused.value.errors) == [field]


def test_the_page_changes_what_was_chosen_at_once_and_offers_the_undo(
    aurora: Company, client_for: Callable[..., Client]
) -> None:
    with scope.opened(aurora):
        people = [a_contact() for _ in range(3)]
    client, url = client_for(aurora), company_path(aurora, "contacts-bulk")
    answer = client.post(url, {"action": "delete", "ids": [str(one.pk) for one in people[:2]]})
    page = client.get(answer.headers["Location"])
    deletion = page.context["bulk"]
    assert (deletion.state, deletion.changed) == (BulkState.DONE, 2)
    back = client.post(company_path(aurora, "contact-bulk-undo", id=deletion.pk))
    assert client.get(back.headers["Location"]).context["bulk"].changed == 2
    with scope.opened(aurora):
        assert Contact.objects.alive().count() == 3


def test_all_that_match_are_changed_in_the_background_with_its_progress_on_the_page(
    aurora: Company, client_for: Callable[..., Client]
) -> None:
    with scope.opened(aurora):
        a_contact()
    client, url = client_for(aurora), company_path(aurora, "contacts-bulk")
    answer = client.post(url, {"action": "tag", "all": "1", "tags": "VIP", "query": "sort=name"})
    assert "sort=name" in answer.headers["Location"]
    page = client.get(answer.headers["Location"])
    assert "1500ms" in page.content.decode()
    begun = page.context["bulk"]
    with scope.opened(aurora):
        bulk.run(str(begun.pk))
    text = client.get(company_path(aurora, "contact-bulk", id=begun.pk)).content.decode()
    assert "hx-get" not in text


def test_agents_do_not_delete(aurora: Company, client_for: Callable[..., Client]) -> None:
    with scope.opened(aurora):
        contact = a_contact()
    answer = client_for(aurora, Role.AGENT).post(
        company_path(aurora, "contacts-bulk"), {"action": "delete", "ids": [str(contact.pk)]}
    )
    assert answer.status_code == 403

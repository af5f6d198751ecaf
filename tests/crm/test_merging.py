"""Two contacts become one and two again, and nothing is lost on the way."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from connections.models import Connection
from conversations.enums import ConversationStatus
from conversations.models import Conversation
from core import scope
from core.errors import Conflict, Invalid
from crm import lifecycle
from crm.enums import IdentityKind
from crm.models import Contact, ContactMerge
from crm.selectors import consent_state, contact_list
from crm.services import consents
from crm.services.contacts import delete_contact, restore_contact, update_contact
from crm.services.identities import Known, resolve
from crm.services.merging import merge_contacts, preview, undo_merge
from events.models import Event
from messaging.enums import Direction, MessageKind, Origin, StreamState
from messaging.models import Message, Stream, Thread
from tenants.enums import Role
from tenants.models import Company
from tests.campaigns.factories import a_connection
from tests.crm.factories import a_contact

inside = pytest.mark.usefixtures("company")


@pytest.fixture
def noon() -> datetime:
    return timezone.now().replace(microsecond=123456)


def a_thread(contact: Contact, number: Connection, heard: datetime, **state: Any) -> Conversation:
    """A conversation with one message that came in."""
    address = f"55{contact.pk.int % 10**9}"
    thread = Thread.objects.create(
        contact=contact,
        connection=number,
        address=address,
        last_inbound_at=heard,
        window_until=heard + timedelta(hours=24),
    )
    message = a_message(contact, number, thread=thread, at=heard)
    return Conversation.objects.create(
        thread=thread,
        contact=contact,
        last_message=message,
        last_message_at=heard,
        unread_count=1,
        waiting_since=heard,
        **state,
    )


def a_message(contact: Contact, number: Connection, **more: Any) -> Message:
    return Message.objects.create(
        contact=contact,
        connection=number,
        direction=Direction.IN,
        kind=MessageKind.TEXT,
        origin=Origin.CUSTOMER,
        **more,
    )


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows that a merge can touch, but for when contacts were changed and their search."""
    models = {one.model for one in lifecycle.participants()} - {ContactMerge} | {Contact}
    return {
        model._meta.label: list(
            model._default_manager.order_by("pk").values(
                *[
                    field.attname
                    for field in model._meta.concrete_fields
                    if field.name != "updated_at"
                ]
            )
        )
        for model in models
    }


@inside
def test_a_merge_that_is_undone_gives_back_exactly_what_was_there(noon: datetime) -> None:
    first, second = a_connection(), a_connection()
    run = Stream.objects.create(kind="campaign", state=StreamState.HELD)
    kept = a_contact(name="", tags=["VIP", "Recife"], attributes={"cidade": "Recife"})
    gone = a_contact(
        name="Ana",
        email="ana@example.com",
        tags=["VIP", "Novo"],
        attributes={"cidade": "Olinda", "uf": "PE"},
    )
    for contact, minutes in ((kept, 0), (gone, 5)):
        a_thread(contact, first, noon + timedelta(minutes=minutes))
        a_message(contact, first, stream=run, address=f"a{minutes}")
        consents.opt_in(contact=contact, channel="whatsapp", source="shop")
    a_thread(gone, second, noon)
    before = everything()
    merge = merge_contacts(kept=kept, gone=gone)
    assert everything() != before
    undo_merge(merge=merge)
    assert everything() == before
    assert apps.get_model("crm", "ContactMerge").objects.get().undone_at is not None
    types = list(Event.objects.order_by("sequence").values_list("type", flat=True))
    assert types[-2:] == ["contact.merged", "contact.unmerged"]


@inside
def test_the_kept_contact_is_known_by_everything_and_keeps_what_it_says() -> None:
    kept = a_contact(name="Ana Souza", phone="11987654321", attributes={"cidade": "Recife"})
    gone = a_contact(name="Aninha", phone="11912345678", attributes={"cidade": "x", "uf": "PE"})
    shown = preview(kept=kept, gone=gone)
    assert shown.hidden == {"cidade": "x"}
    merge_contacts(kept=kept, gone=gone)
    kept.refresh_from_db()
    assert (kept.name, kept.attributes) == ("Ana Souza", {"cidade": "Recife", "uf": "PE"})
    assert resolve(known=[Known(IdentityKind.PHONE, "11912345678")]) == (kept, False)
    assert [row.pk for row in contact_list(q="912345678")] == [kept.pk]
    assert list(contact_list(q="aninha")) == []


@inside
def test_the_newest_word_about_marketing_counts() -> None:
    kept, gone = a_contact(), a_contact()
    consents.opt_in(contact=kept, channel="whatsapp", source="shop")
    consents.opt_out(contact=gone, channel="whatsapp", source="call")
    merge_contacts(kept=kept, gone=gone)
    assert consent_state([kept.pk], "whatsapp", "marketing") == {kept.pk: False}


@inside
def test_two_threads_at_one_number_become_one_that_writes_where_the_person_is(
    noon: datetime,
) -> None:
    number = a_connection()
    kept, gone = a_contact(), a_contact()
    mine = a_thread(kept, number, noon, status=ConversationStatus.RESOLVED)
    other = a_thread(gone, number, noon + timedelta(hours=1))
    merge_contacts(kept=kept, gone=gone)
    thread = Thread.objects.get(contact=kept)
    assert (thread.pk, thread.address) == (mine.thread_id, other.thread.address)
    assert thread.window_until == noon + timedelta(hours=25)
    assert thread.messages.count() == 2
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.status, mine.unread_count, mine.waiting_since) == ("open", 2, noon)
    assert (other.status, other.unread_count, other.waiting_since) == ("resolved", 0, None)


@inside
def test_what_a_run_wrote_before_there_was_a_thread_comes_in_and_goes_out_again(
    noon: datetime,
) -> None:
    number = a_connection()
    kept, gone = a_contact(), a_contact()
    thread = a_thread(kept, number, noon).thread
    planned = a_message(gone, number, stream=Stream.objects.create(kind="campaign"))
    merge = merge_contacts(kept=kept, gone=gone)
    planned.refresh_from_db()
    assert (planned.thread_id, planned.contact_id) == (thread.pk, kept.pk)
    undo_merge(merge=merge)
    planned.refresh_from_db()
    assert (planned.thread_id, planned.contact_id) == (None, gone.pk)


@inside
def test_what_came_since_the_merge_stays_with_the_kept_contact(noon: datetime) -> None:
    number = a_connection()
    kept, gone = a_contact(name="", attributes={}), a_contact(name="Ana", attributes={"uf": "PE"})
    mine, _other = a_thread(kept, number, noon), a_thread(gone, number, noon)
    merge = merge_contacts(kept=kept, gone=gone)
    newer = a_message(kept, number, thread=mine.thread)
    Conversation.objects.filter(pk=mine.pk).update(unread_count=3, last_message=newer)
    update_contact(contact=kept, changes={"name": "Bia", "attributes": {"uf": "SP"}})
    undo_merge(merge=merge)
    kept.refresh_from_db()
    mine.refresh_from_db()
    assert (kept.name, kept.attributes) == ("Bia", {"uf": "SP"})
    assert (mine.unread_count, mine.last_message_id) == (3, newer.pk)
    assert set(mine.thread.messages.values_list("contact", flat=True)) == {kept.pk}


@inside
def test_a_contact_is_not_merged_with_itself_nor_with_a_deleted_one() -> None:
    kept, gone = a_contact(), a_contact()
    with pytest.raises(Invalid):
        merge_contacts(kept=kept, gone=kept)
    delete_contact(contact=gone)
    with pytest.raises(Conflict) as caught:
        merge_contacts(kept=kept, gone=gone)
    assert caught.value.code == "contact_deleted"


@inside
def test_too_many_fields_together_are_refused() -> None:
    kept = a_contact(attributes={f"a{number}": "x" for number in range(30)})
    gone = a_contact(attributes={f"b{number}": "x" for number in range(30)})
    with pytest.raises(Invalid) as caught:
        merge_contacts(kept=kept, gone=gone)
    assert list(caught.value.errors) == ["with"]
    assert not ContactMerge.objects.exists()


@inside
def test_merges_are_undone_in_the_opposite_order_and_once() -> None:
    first, second, third = a_contact(), a_contact(), a_contact()
    early = merge_contacts(kept=second, gone=third)
    late = merge_contacts(kept=first, gone=second)
    with pytest.raises(Conflict) as caught:
        undo_merge(merge=early)
    assert caught.value.code == "merge_kept_gone"
    undo_merge(merge=late)
    undo_merge(merge=early)
    with pytest.raises(Conflict) as caught:
        undo_merge(merge=early)
    assert caught.value.code == "merge_undone"
    assert Contact.objects.alive().count() == 3


@inside
def test_a_merged_contact_comes_back_by_undoing_the_merge_alone() -> None:
    kept, gone = a_contact(), a_contact()
    merge_contacts(kept=kept, gone=gone)
    with pytest.raises(Conflict) as caught:
        restore_contact(contact=gone)
    assert caught.value.code == "contact_merged"


def test_contacts_are_merged_and_parted_on_their_page(aurora: Company, client_for: Any) -> None:
    visitor = client_for(aurora)
    with scope.opened(aurora):
        kept, gone = a_contact(name="Ana Souza"), a_contact(name="Aninha", attributes={"uf": "PE"})
    url = f"/c/aurora/contacts/{kept.pk}/"
    assert "Aninha" in visitor.get(f"{url}merge/?q=anin").content.decode()
    found = visitor.get(f"{url}merge/?q=ana").content.decode()
    assert f"with={kept.pk}" not in found
    page = visitor.get(f"{url}merge/?with={gone.pk}").content.decode()
    assert "PE" in page
    assert client_for(aurora, Role.AGENT).post(f"{url}merge/", {"with": gone.pk}).status_code == 403
    assert visitor.post(f"{url}merge/", {"with": gone.pk}).status_code == 302
    page = visitor.get(url).content.decode()
    with scope.opened(aurora):
        merge = ContactMerge.objects.get()
    assert f"/c/aurora/contacts/merges/{merge.pk}/undo/" in page
    assert visitor.get(f"/c/aurora/contacts/{gone.pk}/").status_code == 404
    visitor.post(f"/c/aurora/contacts/merges/{merge.pk}/undo/")
    assert visitor.get(f"/c/aurora/contacts/{gone.pk}/").status_code == 200


def test_contacts_are_merged_and_parted_by_the_api(aurora: Company, api_client: Any) -> None:
    api = api_client(aurora)
    with scope.opened(aurora):
        a_contact(name="Ana"), a_contact(name="Bia")
    bia, ana = (row["id"] for row in api.get("/api/v1/contacts/").json()["results"])
    url = f"/api/v1/contacts/{ana}/merge/"
    answer = api.post(url, {"with": bia}, format="json")
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["contact"], shown["merged"], shown["undone_at"]) == (ana, bia, None)
    assert api.get(f"/api/v1/contacts/{bia}/").status_code == 404
    assert api.post(url, {"with": bia}, format="json").status_code == 422
    assert api.post(url, {"with": "con_x"}, format="json").status_code in (400, 422)
    undone = api.post(f"/api/v1/merges/{shown['id']}/undo/")
    assert undone.status_code == 200
    assert undone.json()["undone_at"] is not None
    assert api.get(f"/api/v1/contacts/{bia}/").status_code == 200

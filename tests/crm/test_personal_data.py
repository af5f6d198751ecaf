"""A person gets everything that is kept about them, in one file."""

import json
from typing import Any

import pytest
from django.utils import timezone

from core import scope
from crm.public_ids import CONTACT
from crm.services import consents, lists
from crm.services.merging import merge_contacts
from crm.services.personal_data import export_contact
from events.models import Event
from messaging.enums import Direction, MessageKind, Origin
from messaging.models import Message, Stream, Thread
from tenants.enums import Role
from tenants.models import Company
from tests.campaigns.factories import a_connection
from tests.crm.factories import a_contact


@pytest.mark.usefixtures("company")
def test_everything_about_a_person_is_told_and_that_it_was() -> None:
    contact = a_contact(
        name="Ana", phone="11987654321", tags=["VIP"], attributes={"cidade": "Recife"}
    )
    other = a_contact(name="Bia", tags=["secret"])
    consents.opt_out(contact=contact, channel="whatsapp", source="call")
    feira = lists.create_list(name="Feira")
    lists.add_contacts(contact_list=feira, contact_ids=[contact.pk, other.pk])
    number = a_connection()
    Thread.objects.create(contact=contact, connection=number, address="5511987654321")
    a_message(contact, number, {"text": "oi"})
    told = export_contact(contact=contact, actor="person:1")
    [one] = told["contacts"]
    records = one["records"]
    assert (one["name"], one["attributes"]) == ("Ana", {"cidade": "Recife"})
    assert [row["tag__name"] for row in records["crm.ContactTag"]] == ["VIP"]
    assert {row["value"] for row in records["crm.Identity"]} == {"+5511987654321", "+551187654321"}
    assert [row["action"] for row in records["crm.Consent"]] == ["opt_out"]
    assert [row["list__name"] for row in records["crm.ListMember"]] == ["Feira"]
    assert [row["content"] for row in records["messaging.Message"]] == [{"text": "oi"}]
    assert [row["address"] for row in records["messaging.Thread"]] == ["5511987654321"]
    assert [row["reason"] for row in told["blocks"]] == ["opt_out"]
    assert "Bia" not in json.dumps(told, default=str)
    assert Event.objects.latest("sequence").type == "contact.exported"


@pytest.mark.usefixtures("company")
def test_what_stayed_with_a_merged_contact_is_told_too() -> None:
    kept, gone = a_contact(name="Ana"), a_contact(name="Aninha")
    number, run = a_connection(), Stream.objects.create(kind="campaign")
    a_message(kept, number, {"text": "one"}, stream=run, address="a")
    a_message(gone, number, {"text": "two"}, stream=run, address="b")
    merge_contacts(kept=kept, gone=gone)
    first, second = export_contact(contact=kept)["contacts"]
    assert (first["id"], second["id"]) == (CONTACT.encode(kept.pk), CONTACT.encode(gone.pk))
    assert [row["content"] for row in first["records"]["messaging.Message"]] == [{"text": "one"}]
    assert [row["content"] for row in second["records"]["messaging.Message"]] == [{"text": "two"}]


def a_message(contact: Any, number: Any, content: dict[str, str], **more: Any) -> Message:
    return Message.objects.create(
        contact=contact,
        connection=number,
        direction=Direction.OUT,
        kind=MessageKind.TEXT,
        origin=Origin.AGENT,
        content=content,
        at=timezone.now(),
        **more,
    )


def test_it_is_a_file_for_those_who_may(aurora: Company, client_for: Any, api_client: Any) -> None:
    with scope.opened(aurora):
        contact = a_contact(name="José")
    url = f"/c/aurora/contacts/{contact.pk}/everything.json"
    answer = client_for(aurora).post(url)
    public_id = CONTACT.encode(contact.pk)
    assert answer["Content-Disposition"] == f'attachment; filename="{public_id}.json"'
    assert json.loads(answer.content)["contacts"][0]["name"] == "José"
    page = f"/c/aurora/contacts/{contact.pk}/"
    assert url in client_for(aurora).get(page).content.decode()
    agent = client_for(aurora, Role.AGENT)
    assert agent.post(url).status_code == 403
    assert url not in agent.get(page).content.decode()
    told = api_client(aurora).post(f"/api/v1/contacts/{public_id}/export/")
    assert told.json()["contact"] == public_id

"""Who is erased is nowhere any more, and nobody but themselves brings them back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from campaigns.models import Export
from campaigns.services import exports
from connections.models import Connection
from conversations.models import Conversation, MessageText, ScheduledMessage
from conversations.services import notes, scheduling
from core import scope
from core.agenda import slices
from core.errors import Conflict, Invalid
from core.models import AgendaRow
from crm.enums import ErasureState, ImportState, SuppressionReason
from crm.erasures import Erasure
from crm.imports import runner
from crm.models import Consent, Contact, ContactExport, Identity, Import, Suppression
from crm.public_ids import CONTACT
from crm.selectors import suppressed
from crm.services import consents, erasing, suppressions
from crm.services import exports as contact_exports
from crm.services.contacts import restore_contact, update_contact
from crm.services.imports import create_import, start_import
from crm.services.merging import merge_contacts, undo_merge
from crm.traces import Subject
from events.models import Event
from messaging.enums import DispatchState, PublicState
from messaging.models import Media, Message
from messaging.services import inbound
from team.models import Notification
from team.services.notifications import notify
from tenants.enums import Role
from tenants.models import Company
from tests.campaigns.factories import a_campaign
from tests.campaigns.test_lifecycle import run as run_campaign
from tests.conversations import factories as inbox
from tests.crm.factories import a_contact
from tests.crm.residue import traces
from tests.messaging.factories import a_connection
from tests.messaging.test_inbound import arriving
from tests.webhooks import callbacks
from tests.webhooks.callbacks import an_address
from webhooks.models import Item

NAME = "Quitéria Bragança"
PHONE = "+5581987123456"
OTHER = "+5581987654320"
MAIL = "quiteria@exemplo.com.br"
# Whole and as people or providers write them; the ninth digit may be missing.
NEEDLES = ["Quitéria", "Bragança", "987123456", "87123456", "987654320", "quiteria@exemplo"]
inside = pytest.mark.usefixtures("company")


def erased(contact: Contact, **fields: Any) -> Erasure:
    """The same to the end."""
    erasure = erasing.erase(contact=contact, reason="request", **fields)
    while erasing.due(str(erasure.pk)):  # two seconds at a time
        erasing.run(str(erasure.pk))
    erasure.refresh_from_db()
    assert erasure.state == ErasureState.DONE
    return erasure


def heard(connection: Connection, text: str, wamid: str, **fields: Any) -> Message:
    told = arriving(
        wamid,
        identities=inbox.Identities(wa_id="5581987123456"),
        profile_name=NAME,
        content={"text": text},
        **fields,
    )
    message = inbound.receive(connection=connection, inbound=told)
    assert message is not None
    return message


@pytest.fixture
def person(aurora: Company, company: Company) -> Contact:
    """Somebody who is in everything that there is."""
    number = a_connection()
    address = an_address(company, number)
    said = callbacks.text("wamid.1", f"Sou {NAME}, ligue {PHONE}", sender="5581987123456")
    profile = {"profile": {"name": NAME}, "wa_id": "5581987123456"}
    callbacks.post(
        address, callbacks.envelope(callbacks.change(messages=[said], contacts=[profile]))
    )
    mine = callbacks.status("wamid.9", "sent", recipient_id="5581987123456")
    theirs = callbacks.status("wamid.8", "sent", recipient_id="5511955554444")
    callbacks.post(address, callbacks.envelope(callbacks.change(statuses=[mine, theirs])))
    callbacks.work(company)
    contact = Contact.objects.get()
    update_contact(
        contact=contact,
        changes={"email": MAIL, "attributes": {"mãe": NAME}, "tags": ["VIP"]},
    )
    contact.refresh_from_db()
    talk = Conversation.objects.get()
    consents.opt_in(contact=contact, source=f"{NAME} na loja", text=f"Eu, {NAME}, aceito")
    notes.write(conversation=talk, text=f"{NAME} quer desconto", author=None)
    later = timezone.now() + timedelta(hours=1)
    scheduling.schedule(conversation=talk, text=f"Oi {NAME}", due_at=later, author=None)
    inbox.a_file(talk, b"carta de " + NAME.encode(), f"{NAME}.txt", "document")
    member = inbox.a_member()
    url = f"/c/aurora/inbox/{talk.pk}/"
    notify(code="conversation.assigned", member=member, data={"name": NAME}, url=url)
    suppressions.add_suppression(address=PHONE, channel="sms", note=f"{NAME} pediu")
    double = a_contact(name=f"{NAME} II", phone=OTHER)
    merge_contacts(kept=contact, gone=double)
    gone = a_contact(name="Zé", phone="+5511944443333")
    undo_merge(merge=merge_contacts(kept=contact, gone=gone))
    table = f"Nome;Telefone;E-mail\n{NAME};(81) 98712-3456;sem arroba\n"
    batch = create_import(file=ContentFile(table.encode()), filename="clientes.csv")
    start_import(batch=batch)
    runner.run(str(batch.pk))
    create_import(file=ContentFile(table.encode()), filename="outros.csv")
    campaign = run_campaign(a_campaign(variables={"nome": {"field": "name", "fallback": "x"}}))
    export = exports.request(campaign=campaign, format="csv", filters={}, by=None)
    exports.handle(export.pk)
    asked = contact_exports.request_export(format="csv")
    contact_exports.handle(str(asked.pk))
    return contact


def test_nothing_names_an_erased_person(person: Contact, company: Company) -> None:
    before = traces(NEEDLES)
    assert {place.split(":")[0] for place in before} >= {
        "crm_contact", "crm_identity", "crm_consent", "crm_importrow", "crm_contactmerge",
        "crm_suppression", "messaging_message", "messaging_thread", "messaging_media",
        "conversations_messagetext", "conversations_scheduledmessage", "team_notification",
        "webhooks_item", "events_event", "file",
    }  # fmt: skip
    erased(person)
    assert traces(NEEDLES) == set()


def test_what_stays_counts_and_says_nothing(person: Contact, company: Company) -> None:
    messages, lines = Message.objects.count(), Consent.objects.count()
    erasure = erased(person)
    person.refresh_from_db()
    assert (person.name, person.attributes, person.search) == ("", {}, None)
    assert person.deleted_at == erasure.requested_at
    assert (Message.objects.count(), Consent.objects.count()) == (messages, lines)
    theirs = Message.objects.filter(contact=person)
    assert {(one.address, str(one.content), str(one.variables)) for one in theirs} == {
        ("", "{}", "{}")
    }
    gone = (Media, Conversation, ScheduledMessage, MessageText, Notification, Export, ContactExport)
    assert [model for model in gone if model._default_manager.exists()] == []
    draft = Import.objects.get(filename="outros.csv")
    assert (draft.state, draft.error) == (ImportState.FAILED, "file_erased")
    assert erasure.subject == {}
    assert erasure.counts["messaging.Message.contact"] == theirs.count()


def test_what_was_about_others_stays(person: Contact, company: Company) -> None:
    erased(person)
    assert Contact.objects.alive().get().name == "Zé"
    bundle = Item.objects.get(data__has_key="receipts")
    assert [one["recipient"] for one in bundle.data["receipts"]] == ["5511955554444"]


@inside
def test_what_waits_to_leave_never_does() -> None:
    contact, number = a_contact(phone=PHONE), a_connection()
    message = Message.objects.create(
        contact=contact, connection=number, direction="out", kind="text", origin="agent",
        dispatch=DispatchState.QUEUED, address="5581987123456", due_at=timezone.now(),
    )  # fmt: skip
    erased(contact)
    message.refresh_from_db()
    assert (message.dispatch, message.code) == (DispatchState.SKIPPED, "contact_erased")
    told = Event.objects.filter(type="messages.progressed").latest("sequence").data["items"]
    assert [one["state"] for one in told] == [PublicState.SKIPPED]


@inside
def test_what_is_on_the_wire_is_waited_for() -> None:
    contact, number = a_contact(phone=PHONE), a_connection()
    message = Message.objects.create(
        contact=contact, connection=number, direction="out", kind="text", origin="agent",
        dispatch=DispatchState.SENDING, address="5581987123456",
    )  # fmt: skip
    erasure = erasing.erase(contact=contact, reason="request")
    erasing.run(str(erasure.pk))
    erasure.refresh_from_db()
    assert erasure.state == ErasureState.RUNNING
    assert AgendaRow.objects.filter(kind=erasing.KIND, due_at__gt=timezone.now()).exists()
    assert [key for key, _at in erasing.due(None)] == [str(erasure.pk)]
    Message.objects.filter(pk=message.pk).update(dispatch=DispatchState.ACCEPTED)
    erasing.run(str(erasure.pk))
    message.refresh_from_db()
    assert (message.address, message.dispatch) == ("", DispatchState.ACCEPTED)
    assert erasing.due(None) == []


def test_killed_at_any_moment_it_goes_on_and_counts_once(
    person: Contact, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.lifecycle.ERASED_AT_ONCE", 1)
    monkeypatch.setattr("messaging.contact_lifecycle.ERASED_AT_ONCE", 1)
    monkeypatch.setattr(slices, "SECONDS", 0.0)  # each call is a life of its own
    messages = Message.objects.filter(contact=person).count()
    erasure = erasing.erase(contact=person, reason="request")
    lives = 0
    while erasing.due(None):
        erasing.run(str(erasure.pk))
        lives += 1
    erasure.refresh_from_db()
    assert lives > messages
    assert erasure.counts["messaging.Message.contact"] == messages
    assert traces(NEEDLES) == set()


@inside
def test_their_own_message_begins_a_new_contact_that_gets_no_offers() -> None:
    number = a_connection()
    first = heard(number, "Oi", "wamid.1")
    erased(Contact.objects.get(pk=first.contact_id))
    again = heard(number, "Oi de novo", "wamid.2")
    assert again.contact_id != first.contact_id
    back = Contact.objects.alive().get()
    assert (back.pk, back.name) == (again.contact_id, NAME)
    assert suppressed([PHONE], "whatsapp", "marketing") == {PHONE}
    line = Suppression.objects.filter(channel="whatsapp").get()
    assert (line.reason, line.masked) == (SuppressionReason.ERASED, "")
    update_contact(contact=back, changes={"phone": PHONE, "name": "Q"})
    consents.opt_in(contact=back, source="conversation")
    assert suppressed([PHONE], "whatsapp", "marketing") == set()


@inside
def test_once_and_for_good() -> None:
    contact = a_contact()
    with pytest.raises(Invalid):
        erasing.erase(contact=contact, reason="because")
    erased(contact)
    with pytest.raises(Conflict) as again:
        erasing.erase(contact=contact, reason="request")
    assert again.value.code == "contact_erased"
    with pytest.raises(Conflict):
        restore_contact(contact=contact)


@inside
def test_a_merged_contact_is_erased_by_the_one_that_it_is_part_of() -> None:
    kept, gone = a_contact(name=NAME, phone=PHONE), a_contact(name="Q", phone=OTHER)
    merge_contacts(kept=kept, gone=gone)
    with pytest.raises(Conflict) as refused:
        erasing.erase(contact=gone, reason="request")
    assert refused.value.code == "contact_merged"
    erasure = erased(kept)
    assert set(erasure.contacts) == {str(kept.pk), str(gone.pk)}
    assert not Identity.objects.exists()
    with pytest.raises(Conflict):
        restore_contact(contact=gone)


def test_texts_are_searched_by_digits_words_and_ids() -> None:
    subject = Subject((), (PHONE, "5581987123456", MAIL), (NAME, "Ana"), timezone.now())
    # An id of a message as WhatsApp makes them: the number's digits in base64.
    wamid = "wamid.HBgNNTU4MTk4NzEyMzQ1NhUCABIYFDNB"
    for text in ("(81) 98712-3456", "81 8712-3456", MAIL.upper(), f"x {NAME.upper()}", wamid):
        assert subject.is_in(text), text
    for text in ("Ana Lima", "987123450", "", "quiteria@outra.com"):
        assert not subject.is_in(text), text


def test_the_page_asks_for_a_word_and_shows_the_certificate(
    aurora: Company, client_for: Any
) -> None:
    with scope.opened(aurora):
        contact = a_contact(name=NAME, phone=PHONE)
    url = f"/c/aurora/contacts/{contact.pk}/erase/"
    admin = client_for(aurora, Role.ADMIN)
    assert url in admin.get(f"/c/aurora/contacts/{contact.pk}/").content.decode()
    refused = admin.post(url, {"reason": "request", "typed": "yes"})
    assert refused.status_code == 422
    answer = admin.post(url, {"reason": "request", "typed": "erase"})
    certificate = admin.get(answer["Location"]).content.decode()
    assert "Certificate of erasure" in certificate
    assert NAME not in certificate
    assert admin.get(f"/c/aurora/contacts/{contact.pk}/").status_code == 404
    assert answer["Location"] in admin.get("/c/aurora/contacts/erasures/").content.decode()
    manager = client_for(aurora, Role.MANAGER)
    assert manager.get("/c/aurora/contacts/erasures/").status_code == 403


def test_a_program_confirms_by_the_id(aurora: Company, api_client: Any) -> None:
    with scope.opened(aurora):
        contact = a_contact(name=NAME, phone=PHONE)
    public_id = CONTACT.encode(contact.pk)
    url = f"/api/v1/contacts/{public_id}/erase/"
    program = api_client(aurora)
    wrong = program.post(url, {"reason": "request", "confirm": "con_x"}, format="json")
    assert wrong.status_code == 422
    made = program.post(url, {"reason": "request", "confirm": public_id}, format="json")
    assert (made.status_code, made.json()["contact"]) == (201, public_id)
    [listed] = program.get("/api/v1/erasures/").json()["results"]
    assert listed["id"] == made.json()["id"]
    assert program.get(f"/api/v1/erasures/{listed['id']}/").json()["reason"] == "request"
    assert program.get(f"/api/v1/contacts/{public_id}/").status_code == 404

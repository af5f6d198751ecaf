"""What happens here gets into the queues of the systems that want it."""

from conversations.events import ConversationResolved
from core.ids import uuid7
from crm.models import Contact
from crm.services import identities
from crm.services.contacts import create_contact, tag, update_contact
from crm.services.identities import Known
from events import bus, deliveries
from integrations.enums import PushKind
from integrations.models import Integration, Push
from integrations.services import applying, connecting
from integrations.services.applying import SOURCE
from tests.integrations.conftest import Stand
from tests.integrations.services.test_applying import remote


def deliver() -> list[tuple[str, str]]:
    deliveries.deliver(connecting.SUBSCRIBER)
    return [(push.kind, push.contact.name) for push in Push.objects.order_by("id")]


def test_new_and_changed_contacts_are_sent(integration: Integration) -> None:
    person = create_contact(name="Ana", phone="+5511987654321")
    assert deliver() == [(PushKind.CONTACT, "Ana")]
    Push.objects.all().delete()
    update_contact(contact=person, changes={"tags": ["VIP"]})
    assert deliver() == [(PushKind.CONTACT, "Ana")]


def test_a_tag_on_many_at_once_goes_with_each(integration: Integration) -> None:
    people = [create_contact(name=name, external_id=name) for name in ("Ana", "Bia")]
    deliver()
    Push.objects.all().delete()
    tag(contact_ids=[person.pk for person in people], tags=["VIP"])
    assert sorted(deliver()) == [(PushKind.CONTACT, "Ana"), (PushKind.CONTACT, "Bia")]


def test_what_the_system_itself_said_is_not_sent_back(
    integration: Integration, stand: Stand
) -> None:
    applying.apply(integration, [remote(tags=["VIP"])])
    assert deliver() == []
    assert Contact.objects.count() == 1


def test_what_another_system_said_is_sent(integration: Integration) -> None:
    known = [Known("phone", "+5511987654321")]
    identities.resolve(known=known, name="Bia", source=SOURCE)
    assert deliver() == [(PushKind.CONTACT, "Bia")]


def test_a_resolved_conversation_becomes_a_note_once_for_each_run(
    integration: Integration,
) -> None:
    person = create_contact(name="Ana", phone="+5511987654321", source="manual")
    Push.objects.all().delete()
    deliver()
    Push.objects.all().delete()
    conversation = uuid7()
    bus.publish(ConversationResolved(conversation_id=conversation, contact_id=person.pk))
    assert deliver() == [(PushKind.NOTE, "Ana")]
    note = Push.objects.get()
    assert f"/c/aurora/inbox/{conversation}/" in note.data["text"]
    assert note.key.endswith(":0")

"""What follows from facts: contacts and notes get into the queues of the systems that want them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from conversations.events import ConversationResolved
from core import scope
from crm.events import ContactCreated
from crm.models import Contact
from events.models import Event
from integrations.enums import IntegrationState, Thing
from integrations.models import Integration
from integrations.preferences import Preferences
from integrations.registry import provider
from integrations.services import applying, queueing
from tenants.links import company_path
from tenants.models import Company


def on_event(event: Event) -> None:
    """A type that some connected system asked for (`connecting.listen_for`)."""
    contacts = list(Contact.objects.alive().filter(pk__in=_contacts_of(event.data)))
    for integration in _interested(event.type):
        for contact in contacts:
            _queue(integration, event, contact)


def _queue(integration: Integration, event: Event, contact: Contact) -> None:
    if event.type == ConversationResolved.type:
        queueing.send_note(
            integration=integration,
            contact=contact,
            text=_resolved(event),
            key=f"{event.uid}:{event.run}",
        )
    elif not _came_from(integration, event, contact):
        queueing.send_contact(integration=integration, contact=contact)


def _interested(type_: str) -> list[Integration]:
    alive = Integration.objects.exclude(state=IntegrationState.DISCONNECTED)
    return [
        row
        for row in alive
        if provider(row.provider).capabilities.pushes
        and type_ in Preferences.of(row.preferences).types
    ]


def _contacts_of(data: dict[str, Any]) -> list[UUID]:
    """Facts of many contacts say `contacts`, of one `contact`, of conversations `contact_id`."""
    one = data.get("contact") or data.get("contact_id")
    return [UUID(pk) for pk in data.get("contacts") or filter(None, [one])]


def _came_from(integration: Integration, event: Event, contact: Contact) -> bool:
    """Whether the other system itself said it, so that it need not be told."""
    if event.actor == applying.actor_of(integration):
        return True
    is_creation = event.type == ContactCreated.type and event.data["source"] == applying.SOURCE
    return is_creation and integration.ids.filter(thing=Thing.CONTACT, contact=contact).exists()


def _resolved(event: Event) -> str:
    company = Company.objects.get(pk=scope.required_company_id())
    path = company_path(company, "conversation", event.data["conversation_id"])
    return _("Conversation resolved. It stands here: %(url)s") % {
        "url": f"{settings.PLATFORM_URL}{path}"
    }

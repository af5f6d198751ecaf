"""Connections, templates and runs at the sandbox's demo account, for tests of the engine."""

import itertools
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from connections.models import Connection
from core.ids import uuid7
from crm.enums import ConsentAction, IdentityKind, Purpose
from crm.models import Consent, Contact, Identity
from messaging.enums import (
    Direction,
    DispatchState,
    MessageKind,
    Origin,
    TemplateStatus,
)
from messaging.models import Message, Stream, Template
from messaging.services import planning, streams, threads

NUMBER = "106540352242922"
OTHER_NUMBER = "106540352242923"
ACCOUNT = "102290129340398"
SECRETS = {"token": "sandbox-token", "app_secret": "sandbox-app-secret"}
# One transparent pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
_phones = itertools.count(10_000_000)


def a_connection(number_id: str = NUMBER, **fields: Any) -> Connection:
    """A connected number of the demo account, sending as fast as it can."""
    defaults = {
        "provider": "whatsapp_cloud",
        "name": "Loja Aurora",
        "external_id": number_id,
        "account_id": ACCOUNT,
        "credentials": SECRETS,
        "webhook_token": uuid7().hex,
        "rate_per_second": 10_000,
    }
    return Connection.objects.create(**{**defaults, **fields})


def a_template(connection: Connection, **fields: Any) -> Template:
    """The demo account's English order confirmation: "Hi {{1}}, we received your order {{2}}"."""
    defaults = {
        "connection": connection,
        "account_id": connection.account_id,
        "name": "order_confirmed",
        "language": "en",
        "category": "UTILITY",
        "status": TemplateStatus.APPROVED,
        "components": [
            {"type": "BODY", "text": "Hi {{1}}, we received your order {{2}}. Thank you!"}
        ],
        "variables": [
            {"name": "1", "example": "Mary", "fallback": "", "where": "body"},
            {"name": "2", "example": "#1", "fallback": "", "where": "body"},
        ],
    }
    return Template.objects.create(**{**defaults, **fields})


def contacts(number: int, name: str = "Contact {}") -> list[Contact]:
    """Many contacts with a phone each, written in bulk; consent for marketing is on record."""
    rows = [Contact(id=uuid7(), name=name.format(index)) for index in range(number)]
    Contact.objects.bulk_create(rows)
    Identity.objects.bulk_create(
        Identity(contact=row, kind=IdentityKind.PHONE, value=f"+55119{next(_phones)}")
        for row in rows
    )
    Consent.objects.bulk_create(
        Consent(
            contact=row,
            channel="whatsapp",
            purpose=Purpose.MARKETING,
            action=ConsentAction.OPT_IN,
            source="test",
        )
        for row in rows
    )
    return rows


def address_of(contact: Contact) -> str:
    return Identity.objects.get(contact=contact, kind=IdentityKind.PHONE, alias_of=None).value


def recipients(
    people: Sequence[Contact],
    connection: Connection,
    template: Template,
    purpose: str = Purpose.SERVICE,
) -> list[planning.Recipient]:
    phones = dict(
        Identity.objects.filter(
            contact__in=people, kind=IdentityKind.PHONE, alias_of=None
        ).values_list("contact_id", "value")
    )
    return [
        planning.Recipient(
            contact_id=person.pk,
            connection_id=connection.pk,
            address=phones[person.pk],
            template_id=template.pk,
            purpose=purpose,
            variables={"1": person.name, "2": "#7"},
            content={"body": f"Hi {person.name}"},
        )
        for person in people
    ]


def a_run(
    connection: Connection,
    template: Template,
    number: int = 10,
    *,
    purpose: str = Purpose.SERVICE,
    people: Sequence[Contact] | None = None,
) -> Stream:
    """A held run with planned recipients."""
    stream = streams.create(kind="campaign")
    found = recipients(people or contacts(number), connection, template, purpose)
    planning.plan(stream=stream, recipients=found)
    return stream


def start(stream: Stream) -> None:
    """Let a run go."""
    streams.run(stream_id=stream.pk)


def an_outgoing(connection: Connection, contact: Contact | None = None, **fields: Any) -> Message:
    """A stored outgoing message in any state."""
    person = contact or contacts(1)[0]
    thread = threads.get_or_create(
        contact_id=person.pk, connection_id=connection.pk, address=address_of(person)
    )
    defaults = {
        "thread": thread,
        "contact": person,
        "connection": connection,
        "direction": Direction.OUT,
        "kind": MessageKind.TEXT,
        "content": {"text": "Hello"},
        "origin": Origin.AGENT,
        "address": thread.address,
        "priority": 0,
        "due_at": timezone.now(),
        "dispatch": DispatchState.QUEUED,
    }
    return Message.objects.create(**{**defaults, **fields})


def states_of(stream: Stream) -> dict[str, int]:
    """How many rows of a run are in each dispatch state."""
    found: dict[str, int] = {}
    for state in Message.objects.filter(stream=stream).values_list("dispatch", flat=True):
        found[state] = found.get(state, 0) + 1
    return found

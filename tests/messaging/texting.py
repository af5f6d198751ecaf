"""An SMS number at the sandbox's demo account, and people who allow SMS."""

from collections.abc import Sequence
from typing import Any

from connections.models import Connection
from crm.models import Consent, Contact
from messaging import bodies
from messaging.enums import Origin
from messaging.models import Message, Stream, Template
from messaging.services import outbox, planning, streams
from messaging.template_parts import variables_of
from sandbox.testing import Handle
from sandbox.twilio.accounts import DEMO_ACCOUNT, DEMO_AUTH_TOKEN, DEMO_SMS_NUMBERS
from tests.messaging import factories

PROVIDER = "twilio_sms"
NUMBER = DEMO_SMS_NUMBERS[0]


def a_text_number(number: str = NUMBER, **fields: Any) -> Connection:
    """A connected SMS number, sending as fast as it can."""
    defaults = {
        "provider": PROVIDER,
        "name": "Aurora SMS",
        "account_id": DEMO_ACCOUNT,
        "display_number": number,
        "credentials": {"auth_token": DEMO_AUTH_TOKEN, "verify_token": "verify"},
    }
    return factories.a_connection(number, **{**defaults, **fields})


def a_text_template(connection: Connection, body: str, **fields: Any) -> Template:
    """An SMS template of ours."""
    components = [{"type": "BODY", "text": body}]
    defaults = {
        "channel": "sms",
        "name": "lembrete",
        "language": "pt_BR",
        "components": components,
        "variables": variables_of(components),
    }
    return factories.a_template(connection, **{**defaults, **fields})


def people(number: int) -> list[Contact]:
    """Contacts who allow marketing by SMS too."""
    found = factories.contacts(number)
    Consent.objects.bulk_create(
        Consent(contact=one, channel="sms", purpose="marketing", action="opt_in", source="test")
        for one in found
    )
    return found


def planned(found: Sequence[Contact], connection: Connection, template: Template, text: str) -> Any:
    """Recipients of a run that all get this text."""
    rows = factories.recipients(found, connection, template)
    for row in rows:
        row.content, row.variables, row.segments = {"body": text}, {}, 1
    return rows


def single(connection: Connection, contact: Contact, text: str = "Oi") -> Message:
    """One text through the outbox, as the API sends it."""
    return outbox.send(
        contact=contact,
        connection=connection,
        address=factories.address_of(contact),
        body=bodies.text(text),
        origin=Origin.API,
    )


def a_run(
    connection: Connection, template: Template, found: Sequence[Contact], text: str
) -> Stream:
    """A running stream in which everybody gets this text."""
    stream = streams.create(kind="campaign")
    planning.plan(stream=stream, recipients=planned(found, connection, template, text))
    factories.start(stream)
    return stream


def sent(sandbox: Handle) -> list[dict[str, Any]]:
    """What Twilio's list has, the oldest first."""
    answer = sandbox.http.get(
        f"/twilio/2010-04-01/Accounts/{DEMO_ACCOUNT}/Messages.json",
        auth=(DEMO_ACCOUNT, DEMO_AUTH_TOKEN),
    )
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found[::-1]

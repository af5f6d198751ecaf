"""Enough is enough: counted from the ledger, by contact."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from crm.models import Contact
from messaging.models import Message, Stream
from tests.messaging import factories
from tests.messaging.gate_checks.conftest import Make, judge, policy

NOW = timezone.now()
ALLOW = ("allow", "")


@pytest.fixture
def contact(connection: Connection) -> Contact:
    return factories.contacts(1)[0]


@pytest.fixture
def sent(connection: Connection, contact: Contact) -> Any:
    def make(**fields: Any) -> Message:
        defaults = {"purpose": "marketing", "dispatch": "accepted", "at": NOW}
        number = fields.pop("through", connection)
        return factories.an_outgoing(number, contact, **{**defaults, **fields})

    return make


def test_marketing_is_capped_over_the_days_that_the_company_chose(
    make: Make, contact: Contact, sent: Any
) -> None:
    policy(cap_messages=2, cap_days=7)
    sent()
    assert judge([make(contact)], NOW) == [ALLOW]
    sent(at=NOW - timedelta(days=6))
    assert judge([make(contact)], NOW) == [("deny", "frequency_cap")]
    assert judge([make(contact)], NOW + timedelta(days=2)) == [ALLOW]


@pytest.mark.parametrize(
    "fields",
    [
        {"purpose": "service"},
        {"dispatch": "rejected"},
        {"dispatch": "skipped"},
        {"dispatch": "queued"},
        {"direction": "in", "dispatch": ""},
    ],
)
def test_only_marketing_that_went_out_is_counted(
    make: Make, contact: Contact, sent: Any, fields: dict[str, str]
) -> None:
    policy(cap_messages=1)
    sent(**fields)
    assert judge([make(contact)], NOW) == [ALLOW]


def test_other_people_and_other_purposes_are_not_stopped(
    make: Make, contact: Contact, sent: Any
) -> None:
    policy(cap_messages=1)
    sent()
    other = factories.contacts(1)[0]
    batch = [make(contact), make(other), make(contact, purpose="service")]
    assert judge(batch, NOW) == [("deny", "frequency_cap"), ALLOW, ALLOW]


def test_sms_of_runs_are_capped_by_day_and_whatsapp_is_not_counted(
    make: Make, contact: Contact, sent: Any
) -> None:
    policy(sms_per_day=1)
    line = factories.a_connection(provider="twilio_sms", external_id="+5511900000000")
    run = Stream.objects.create()
    fields = {"connection_id": line.pk, "purpose": "service", "kind": "text", "template_id": None}

    sent()  # on WhatsApp
    assert judge([make(contact, stream_id=run.pk, **fields)], NOW) == [ALLOW]
    sent(through=line, purpose="service", at=NOW - timedelta(hours=23))
    assert judge([make(contact, stream_id=run.pk, **fields)], NOW) == [("deny", "sms_cap")]
    assert judge([make(contact, **fields)], NOW) == [ALLOW]  # an answer
    assert judge([make(contact)], NOW) == [ALLOW]

"""A number, a template and people; candidates of them, judged."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from connections.models import Connection
from core.ids import uuid7
from crm.models import Contact
from messaging import gate
from messaging.gate import Ask, Candidate, Moment, Verdict
from messaging.models import SendingPolicy, Template
from tenants.models import Company
from tests.messaging import factories

Make = Callable[..., Candidate]


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


@pytest.fixture
def template(connection: Connection) -> Template:
    return factories.a_template(connection, category="MARKETING")


@pytest.fixture
def make(connection: Connection, template: Template) -> Make:
    """A marketing candidate to a contact, as told."""

    def made(contact: Contact, **fields: Any) -> Candidate:
        defaults: dict[str, Any] = {
            "id": uuid7(),
            "contact_id": contact.pk,
            "connection_id": connection.pk,
            "address": factories.address_of(contact),
            "kind": "template",
            "purpose": "marketing",
            "template_id": template.pk,
        }
        return Candidate(**{**defaults, **fields})

    return made


def policy(**fields: Any) -> SendingPolicy:
    return SendingPolicy.objects.update_or_create(pk=1, defaults=fields)[0]


def judge(batch: list[Candidate], now: datetime, **options: Any) -> list[tuple[str, str]]:
    return [said(one) for one in gate.judge(batch, now=now, **options)]


def judge_at_wire(batch: list[Candidate], now: datetime) -> list[tuple[str, str]]:
    moment = Moment(now, effects=True, is_at_wire=True)
    return [said(one) for one in gate.judge_at(moment, batch, ask=Ask.VOLATILE)]


def said(verdict: Verdict) -> tuple[str, str]:
    return verdict.decision.value, verdict.code

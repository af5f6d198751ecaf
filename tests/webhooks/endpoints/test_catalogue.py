"""Every fact of the house is told outside or is not, by a decision; and what is told fits its
schema."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import orjson
import pytest
from django.conf import settings
from django.db import transaction

from core.ids import uuid7
from crm.services import contacts
from events import bus, deliveries
from events.facts import catalogue as facts
from tenants.models import Company
from tests.webhooks.endpoints.conftest import Make
from webhooks.endpoints.catalogue import outside, public_types
from webhooks.endpoints.management.commands.event_docs import document
from webhooks.endpoints.models import WebhookEvent
from webhooks.endpoints.public_facts import INTERNAL, label_of
from webhooks.endpoints.services import queueing
from webhooks.sources.events import PixCreated


def test_every_fact_is_told_outside_or_stays_inside_with_a_reason() -> None:
    ours = {name for name, fact in facts.items() if not fact.__module__.startswith("tests.")}
    told = {public.fact for public in public_types().values()}
    assert ours - told - set(INTERNAL) == set()
    assert set(INTERNAL) - ours == set()


def test_every_type_has_a_label() -> None:
    assert [name for name in public_types() if label_of(name) == name] == []


@pytest.mark.parametrize("name", list(public_types()))
def test_each_sample_fits_its_schema(name: str) -> None:
    public = public_types()[name]
    jsonschema.Draft202012Validator.check_schema(public.schema)
    jsonschema.validate(public.sample, public.schema)


def test_the_document_is_up_to_date() -> None:
    written = (Path(settings.BASE_DIR) / "docs" / "events.md").read_text(encoding="utf-8")
    assert written == document(), "run: bin/manage event_docs"


def test_what_leaves_fits_its_schema(company: Company, an_endpoint: Make) -> None:
    an_endpoint(wants_all=True)
    contact = contacts.create_contact(name="Ana", phone="+5511987654321")
    with transaction.atomic():
        bus.publish(
            PixCreated(
                source_id=uuid7(), received_id=uuid7(), key="1", contact_id=contact.pk, amount=990
            )
        )
    deliveries.deliver(queueing.SUBSCRIBER)
    bodies = {row.type: orjson.loads(row.body) for row in WebhookEvent.objects.all()}
    assert {"contact.created", "pix.created"} <= set(bodies)
    for name, body in bodies.items():
        jsonschema.validate(body, public_types()[name].schema)
    assert bodies["pix.created"]["data"]["contact"]["phone"] == "+5511987654321"


def test_nothing_inside_leaves(company: Company) -> None:
    event = bus.Event(type="stream.progressed", data={"stream_id": str(uuid7()), "counts": {}})
    assert outside(event, lambda _: True) == []

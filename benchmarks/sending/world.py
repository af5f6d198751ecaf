"""The company that sends: one number without limits, an approved template, campaigns to release."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Max
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services import lifecycle
from connections.models import Connection
from core import scope
from core.ids import uuid7
from crm import search
from crm.enums import Channel, ConsentAction, IdentityKind, Purpose
from crm.models import Consent, Contact, Identity
from messaging.enums import TemplateCategory, TemplateStatus
from messaging.models import Message, Template, Thread
from messaging.rendering import render
from messaging.services import planning, streams
from tenants.models import Company
from tenants.services.companies import create_company

# Far above what the machine does: what is measured is our work, not our patience.
RATE = 30_000
CHUNK = 1_000
VARIABLES = {"1": {"field": "name"}, "2": {"value": "7"}}
_phones = itertools.count(10_000_000)


@dataclass(frozen=True)
class World:
    """The company with what its campaigns send, and through which number."""

    company: Company
    connection: Connection
    template: Template

    def a_campaign(self, messages: int) -> Campaign:
        """A campaign to people nobody wrote to yet, prepared and held until `release`."""
        with scope.opened(self.company):
            campaign = Campaign.objects.create(
                name="Benchmark", state=CampaignState.PAUSED, connection=self.connection,
                template=self.template, stream=streams.create(kind="campaign"),
                audience={"all": True}, prepared_at=timezone.now(), variables=VARIABLES,
            )  # fmt: skip
            for size in _chunks(messages):
                _plan(self, campaign, size)
            _analyze()
        return campaign

    def release(self, campaign: Campaign) -> None:
        """Let it go; the workers hear of it when this commits."""
        with scope.opened(self.company):
            lifecycle.resume(campaign_id=campaign.pk, actor=lifecycle.SYSTEM)

    def state_of(self, campaign: Campaign) -> str:
        """The campaign's state now."""
        with scope.opened(self.company):
            return Campaign.objects.values_list("state", flat=True).get(pk=campaign.pk)

    def accepted(self, campaign: Campaign) -> tuple[int, datetime]:
        """How many of its rows are accepted, under an id of their own, and when the last was."""
        with scope.opened(self.company):
            rows = Message.objects.filter(stream=campaign.stream_id, dispatch="accepted")
            found = rows.aggregate(
                number=Count("external_id", distinct=True), last=Max("accepted_at")
            )
        return found["number"], found["last"]


def build(slug: str = "bench-campaign") -> World:
    """A company of a migrated database that may send; its portfolio has no limit."""
    company = create_company(name="Benchmark", slug=slug, owner=None)
    with scope.opened(company):
        number = Connection.objects.create(
            provider="whatsapp_cloud", name="Loja", external_id="106540352200009",
            account_id="102290129300009", webhook_token=f"{slug}-token", tier="TIER_UNLIMITED",
            rate_per_second=RATE,
        )  # fmt: skip
        number.credentials = {"token": "EAAG" + "x" * 180, "app_secret": "bench"}
        number.save(update_fields=["credentials"])
        template = Template.objects.create(
            connection=number, account_id=number.account_id, name="promo_novembro",
            language="pt_BR", category=TemplateCategory.MARKETING, status=TemplateStatus.APPROVED,
            components=[{"type": "BODY", "text": "Olá {{1}}, o pedido {{2}} tem uma oferta."}],
            variables=[
                {"name": "1", "example": "Maria", "fallback": "", "where": "body"},
                {"name": "2", "example": "7", "fallback": "", "where": "body"},
            ],
        )  # fmt: skip
    return World(company, number, template)


def add_people(total: int) -> None:
    """People with a phone and a recorded opt-in, in the open company."""
    for size in _chunks(total):
        with transaction.atomic():
            _contacts(
                [(uuid7(), f"Maria {number}", f"+55119{number}") for number in _numbers(size)]
            )
    _analyze()


def _plan(world: World, campaign: Campaign, size: int) -> None:
    people = [(uuid7(), f"Maria {number}", f"+55119{number}") for number in _numbers(size)]
    with transaction.atomic():
        _contacts(people)
        planning.plan(
            stream=campaign.stream,
            recipients=[_recipient(world, *person) for person in people],
        )


def _recipient(world: World, contact_id: UUID, name: str, phone: str) -> planning.Recipient:
    values = {"1": name, "2": phone[-6:]}
    return planning.Recipient(
        template_id=world.template.pk,
        purpose=Purpose.MARKETING.value,
        contact_id=contact_id,
        connection_id=world.connection.pk,
        address=phone,
        variables=values,
        content=render(world.template, values),
    )


def _contacts(people: list[tuple[UUID, str, str]]) -> None:
    """Each with a phone and a recorded opt-in."""
    Contact.objects.bulk_create(
        Contact(id=pk, name=name, search=search.vector(name, [(IdentityKind.PHONE, phone)]))
        for pk, name, phone in people
    )
    Identity.objects.bulk_create(
        Identity(contact_id=pk, kind=IdentityKind.PHONE, value=phone) for pk, _, phone in people
    )
    Consent.objects.bulk_create(
        Consent(
            contact_id=pk, channel=Channel.WHATSAPP, purpose=Purpose.MARKETING,
            action=ConsentAction.OPT_IN, source="import",
        )
        for pk, _, _ in people
    )  # fmt: skip


def _chunks(total: int) -> Iterator[int]:
    for begin in range(0, total, CHUNK):
        yield min(CHUNK, total - begin)


def _numbers(size: int) -> Iterator[int]:
    return itertools.islice(_phones, size)


def _analyze() -> None:
    """What autovacuum would do within a minute of such an import."""
    with connection.cursor() as cursor:
        for model in (Contact, Identity, Consent, Message, Thread):
            cursor.execute(f"vacuum analyze {connection.ops.quote_name(model._meta.db_table)}")
        cursor.execute("checkpoint")

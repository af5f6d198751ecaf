"""The company of the benchmark: 100,000 contacts and a few hundred campaigns, by COPY."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection, transaction
from django.utils.module_loading import import_string
from django.utils.timezone import now

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from connections.models import Connection
from core import scope
from core.ids import uuid7
from crm import search
from crm.enums import Channel, ConsentAction, IdentityKind, Purpose
from crm.imports.copying import copy_rows
from crm.models import Consent, Contact, ContactTag, Identity, Tag
from messaging.enums import StreamState, TemplateCategory, TemplateStatus
from messaging.models import Stream, Template
from tenants.models import Company, Person
from tenants.services.companies import create_company

SLUG = "bench"
CONTACTS = 100_000
CAMPAIGNS = 300
CHUNK = 10_000
TAGS = (
    "Cliente VIP", "Lead", "Inativo", "Atacado", "Varejo", "Recife", "São Paulo", "Indicação",
    "Newsletter", "Pós-venda", "Orçamento", "Evento 2026",
)  # fmt: skip
FIRST = ("Ana", "Bruno", "Carla", "Élida", "Fábio", "Gabriela", "Heitor", "João", "Márcia")
LAST = ("Souza", "Lima", "Alves", "Pereira", "Gonçalves", "Ramos", "Barbosa", "Araújo")
STATES = (
    CampaignState.COMPLETED, CampaignState.COMPLETED, CampaignState.RUNNING, CampaignState.PAUSED,
    CampaignState.DRAFT, CampaignState.CANCELLED,
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """The company that is there and the Cookie header of its signed-in owner."""

    company: Company
    cookie: str


def build(*, contacts: int = CONTACTS, campaigns: int = CAMPAIGNS) -> World:
    """Fill a migrated database; the same rows every time, but for ids and times."""
    dice = random.Random(7)
    person = Person.objects.create_user("owner@bench.example", name="Olga Owner")
    company = create_company(name="Benchmark", slug=SLUG, owner=person)
    with scope.opened(company):
        with transaction.atomic():
            _contacts(contacts, dice)
            _campaigns(campaigns, contacts, dice)
        _analyze()
    return World(company, f"{settings.SESSION_COOKIE_NAME}={sign_in(person)}")


def _contacts(count: int, dice: random.Random) -> None:
    """Each with a phone; one in three with an e-mail, most asked for consent, many tagged."""
    tags = Tag.objects.bulk_create(Tag(name=name, key=search.fold(name)) for name in TAGS)
    started = now() - timedelta(days=365)
    step = timedelta(days=365) / max(count, 1)
    numbers = iter(range(count))
    while chunk := list(itertools.islice(numbers, CHUNK)):
        people = [_person(number, started + number * step, dice) for number in chunk]
        copy_rows(
            Contact,
            ["id", "name", "attributes", "language", "timezone", "search", "created_at",
             "updated_at"],
            (one.row for one in people),
        )  # fmt: skip
        copy_rows(
            Identity,
            ["id", "contact_id", "kind", "value", "scope", "evidence", "created_at"],
            itertools.chain.from_iterable(one.identities for one in people),
        )
        copy_rows(
            Consent,
            ["id", "contact_id", "channel", "purpose", "action", "source", "text",
             "text_version", "at", "recorded_at"],
            _consents(people, dice),
        )  # fmt: skip
        copy_rows(ContactTag, ["contact_id", "tag_id"], _marks(people, tags, dice))


@dataclass(frozen=True)
class _Person:
    id: Any
    at: datetime
    row: tuple[Any, ...]
    identities: list[tuple[Any, ...]]


def _person(number: int, at: datetime, dice: random.Random) -> _Person:
    pk, name = uuid7(), f"{dice.choice(FIRST)} {dice.choice(LAST)}"
    known = [(IdentityKind.PHONE, f"+55119{80_000_000 + number}")]
    if number % 3 == 0:
        local_part = search.fold(name).replace(" ", ".")
        known.append((IdentityKind.EMAIL, f"{local_part}.{number}@example.com"))
    row = (pk, name, {"cidade": "Recife"}, "", "", search.vector(name, known), at, at)
    identities: list[tuple[Any, ...]] = [
        (uuid7(), pk, kind.value, value, "", {}, at) for kind, value in known
    ]
    return _Person(pk, at, row, identities)


def _consents(people: list[_Person], dice: random.Random) -> Iterator[tuple[Any, ...]]:
    for one in people:
        luck = dice.random()
        if luck < 0.9:
            action = ConsentAction.OPT_IN if luck < 0.85 else ConsentAction.OPT_OUT
            yield (
                uuid7(), one.id, Channel.WHATSAPP.value, Purpose.MARKETING.value, action.value,
                "import", "", "", one.at, one.at,
            )  # fmt: skip


def _marks(
    people: list[_Person], tags: list[Tag], dice: random.Random
) -> Iterator[tuple[Any, ...]]:
    for one in people:
        for tag in dice.sample(tags, k=dice.choice((0, 1, 1, 2, 4))):
            yield one.id, tag.pk


def _campaigns(count: int, contacts: int, dice: random.Random) -> None:
    """With counts kept on their streams, as the dispatcher leaves them."""
    number = Connection.objects.create(
        provider="whatsapp_cloud", name="Loja", external_id="106540352200001",
        account_id="102290129300001", webhook_token="bench",
    )  # fmt: skip
    template = Template.objects.create(
        connection=number, account_id=number.account_id, name="oferta", language="pt_BR",
        category=TemplateCategory.MARKETING, status=TemplateStatus.APPROVED,
        components=[{"type": "BODY", "text": "Temos uma oferta."}],
    )  # fmt: skip
    moments = [now() - timedelta(hours=index) for index in range(count)]
    streams = Stream.objects.bulk_create(
        Stream(kind="campaign", state=StreamState.HELD, counts=_counts(contacts, dice))
        for _ in moments
    )
    Campaign.objects.bulk_create(
        Campaign(
            name=f"Campanha {index}", state=STATES[index % len(STATES)], connection=number,
            template=template, stream=stream, audience={"all": True}, created_at=at,
        )
        for index, (stream, at) in enumerate(zip(streams, moments, strict=True))
    )  # fmt: skip


def _counts(contacts: int, dice: random.Random) -> dict[str, int]:
    total = dice.randint(contacts // 100, contacts)
    failed, queued = total // 50, total // 4
    sent = total - failed - queued
    return {
        "total": total, "sent": sent, "queued": queued, "failed": failed,
        "delivered": sent * 9 // 10, "read": sent // 2,
    }  # fmt: skip


def _analyze() -> None:
    """What autovacuum would do within a minute of such an import."""
    with connection.cursor() as cursor:
        for model in (Contact, ContactTag, Identity, Consent, Campaign, Stream):
            cursor.execute(f"vacuum analyze {connection.ops.quote_name(model._meta.db_table)}")


def sign_in(person: Person) -> str:
    """A session as signing in leaves it."""
    session: SessionBase = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)

"""One company, many people, a year of conversations: the same rows every time, but for ids.

Ids are kept as their 32 digits and moments as text: writing them out anew for each of the rows
that name them took half of the time.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.utils.timezone import now

from benchmarks.inboxworld.bare import bare
from benchmarks.inboxworld.words import FIRST, LAST, Sentences
from benchmarks.listpages.world import sign_in
from connections.models import Connection
from conversations.enums import ConversationStatus
from conversations.models import Conversation, ConversationLabel, Label, MessageText
from core import scope
from core.ids import uuid7
from crm import search
from crm.enums import IdentityKind
from crm.imports.copying import copy_rows
from crm.models import Contact, Identity, Tag
from messaging.enums import Direction, DispatchState, MessageKind, Origin, Rank
from messaging.models import Message, Thread
from team.models import Member
from tenants.models import Company, Person
from tenants.services.companies import create_company

SLUG = "bench"
EMAIL = "owner@bench.example"
CHUNK = 20_000
TEAM_SIZE = 20
LABELS = ("Dúvida", "Entrega", "Troca", "Pagamento", "VIP", "Reclamação", "Orçamento", "Pós-venda")
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Size:
    """How much there is; the shape of `--people 1000000`."""

    people: int

    @property
    def conversations(self) -> int:
        return self.people // 5

    @property
    def messages(self) -> int:
        return self.people * 5


@dataclass
class _Talk:
    """A conversation while it is written."""

    contact: str
    phone: str
    id: str = field(default_factory=lambda: uuid7().hex)
    thread: str = field(default_factory=lambda: uuid7().hex)
    last: str | None = None
    last_at: datetime | None = None
    waiting_since: datetime | None = None


def build(size: Size) -> None:
    """Fill a migrated database."""
    dice = random.Random(7)
    person = Person.objects.create_user(EMAIL, name="Olga Owner")
    company = create_company(name="Benchmark", slug=SLUG, owner=person)
    with scope.opened(company):
        _settings()
        number = Connection.objects.create(
            provider="whatsapp_cloud", name="Loja", external_id="106540352200001",
            account_id="102290129300001", webhook_token="bench",
        )  # fmt: skip
        started = now() - YEAR
        with bare(Contact, Identity):
            talks = _contacts(size, started, dice)
        with bare(Thread):
            _threads(talks, number, started)
        with bare(Message, MessageText):
            _messages(size, talks, number, started, dice)
        with bare(Conversation, ConversationLabel):
            _conversations(talks, started, dice)
        _analyze()


def cookie() -> str:
    """The Cookie header of the company's signed-in owner."""
    person = Person.objects.get(email=EMAIL)
    return f"{settings.SESSION_COOKIE_NAME}={sign_in(person)}"


def company() -> Company:
    """The company that `build` made."""
    return Company.objects.get(slug=SLUG)


def tags() -> list[UUID]:
    """Two tags, one of every fifth contact and one of every thousandth; made if they are not
    there."""
    with scope.opened(company()):
        return [_tagged("Cliente", every=5), _tagged("VIP", every=1_000)]


def _tagged(name: str, *, every: int) -> UUID:
    tag, is_new = Tag.objects.get_or_create(key=name.lower(), defaults={"name": name})
    if is_new:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO crm_contacttag (contact_id, tag_id)
                SELECT id, %s FROM (SELECT id, row_number() OVER () AS place FROM crm_contact) AS c
                WHERE place %% %s = 0
                """,
                [tag.pk, every],
            )
            cursor.execute("analyze crm_contacttag")
    return tag.pk


def _settings() -> None:
    """This session alone: rows that a crash loses are made again."""
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off; set maintenance_work_mem = '512MB'")


def _contacts(size: Size, started: datetime, dice: random.Random) -> list[_Talk]:
    """All people; every fifth one talks with us."""
    talks: list[_Talk] = []
    step = YEAR / size.people

    def people() -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        for index in range(size.people):
            pk, at = uuid7().hex, started + index * step
            name = f"{dice.choice(FIRST)} {dice.choice(LAST)} {dice.choice(LAST)}"
            phone = f"+55{dice.randint(11, 99)}9{10_000_000 + index * 79 % 89_999_999}"
            if index % 5 == 0:
                talks.append(_Talk(pk, phone))
            vector = search.vector(name, [(IdentityKind.PHONE, phone)])
            yield (
                (pk, name, "{}", "", "", vector, at, at),
                (uuid7().hex, pk, IdentityKind.PHONE.value, phone, "", "{}", at),
            )

    for chunk in _chunks(people()):
        copy_rows(
            Contact,
            ["id", "name", "attributes", "language", "timezone", "search", "created_at",
             "updated_at"],
            (contact for contact, _ in chunk),
        )  # fmt: skip
        copy_rows(
            Identity,
            ["id", "contact_id", "kind", "value", "scope", "evidence", "created_at"],
            (identity for _, identity in chunk),
        )
    return talks


def _threads(talks: list[_Talk], number: Connection, started: datetime) -> None:
    fields = [
        "id", "contact_id", "connection_id", "address", "last_inbound_external_id", "created_at",
    ]  # fmt: skip
    rows = ((talk.thread, talk.contact, number.pk, talk.phone, "", started) for talk in talks)
    for chunk in _chunks(rows):
        copy_rows(Thread, fields, chunk)


# What differs from message to message, then what does not.
_OWN = ("id", "send_key", "thread_id", "contact_id", "address", "direction", "origin", "content",
        "at", "created_at", "dispatch", "rank")  # fmt: skip
_SAME: dict[str, Any] = {
    "kind": MessageKind.TEXT.value, "variables": "{}", "purpose": "service", "variant": "",
    "content_version": 1, "at_least_once": False, "priority": 0, "epoch": 0, "attempt": 0,
    "code": "", "detail": "", "currency": "", "is_billed": False,
}  # fmt: skip
_IN = (Direction.IN.value, Origin.CUSTOMER.value, DispatchState.NONE.value, Rank.NONE.value)
_OUT = (Direction.OUT.value, Origin.AGENT.value, DispatchState.ACCEPTED.value, Rank.READ.value)


def _messages(
    size: Size, talks: list[_Talk], number: Connection, started: datetime, dice: random.Random
) -> None:
    """One after the other through the year; some people write much more than others."""
    sentences = Sentences(dice)
    step = YEAR / size.messages
    same = (number.pk, *_SAME.values())
    rest = iter(talks)  # everybody says something at least once

    def said() -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        for index in range(size.messages):
            talk = next(rest, None) or talks[int(len(talks) * dice.random() ** 2)]
            at, pk = started + index * step, uuid7().hex
            direction, origin, dispatch, rank = way = _IN if dice.random() < 0.5 else _OUT
            talk.last, talk.last_at = pk, at
            talk.waiting_since = (talk.waiting_since or at) if way is _IN else None
            (text, vector), moment = sentences.next(), at.isoformat()
            own = (
                pk, uuid7().hex, talk.thread, talk.contact, talk.phone, direction, origin, text,
                moment, moment, dispatch, rank,
            )  # fmt: skip
            yield (*own, *same), (pk, moment, vector)

    for chunk in _chunks(said()):
        columns = [*_OWN, "connection_id", *_SAME]
        copy_rows(Message, columns, (message for message, _ in chunk))
        copy_rows(MessageText, ["message_id", "at", "search"], (words for _, words in chunk))


def _conversations(talks: list[_Talk], started: datetime, dice: random.Random) -> None:
    """Most are resolved; of the rest a third is nobody's."""
    members = Member.objects.bulk_create(
        Member(person_id=uuid7(), name=f"Agente {index}", email=f"a{index}@bench.example")
        for index in range(TEAM_SIZE)
    )
    labels = Label.objects.bulk_create(Label(name=name, key=search.fold(name)) for name in LABELS)
    statuses, weights = zip(*_STATUSES.items(), strict=True)
    fields = [
        "id", "thread_id", "contact_id", "status", "snoozed_until", "assignee_id", "unread_count",
        "last_message_id", "last_message_at", "waiting_since", "created_at",
    ]  # fmt: skip

    def rows() -> Iterator[tuple[Any, ...]]:
        for talk in talks:
            status = dice.choices(statuses, weights)[0]
            is_open = status == ConversationStatus.OPEN
            snoozed = now() + YEAR if status == ConversationStatus.SNOOZED else None
            mine = dice.choice(members).pk if dice.random() < 0.66 else None
            unread = dice.randint(1, 5) if is_open and dice.random() < 0.3 else 0
            waiting = talk.waiting_since if is_open else None
            yield (
                talk.id, talk.thread, talk.contact, status, snoozed, mine, unread, talk.last,
                talk.last_at or started, waiting, started,
            )  # fmt: skip

    for chunk in _chunks(rows()):
        copy_rows(Conversation, fields, chunk)
    marks = ((talk.id, label.pk, started) for talk in talks for label in dice.sample(labels, k=2))
    for chunk in _chunks(marks):
        copy_rows(ConversationLabel, ["conversation_id", "label_id", "created_at"], chunk)


_STATUSES = {
    ConversationStatus.RESOLVED.value: 85,
    ConversationStatus.OPEN.value: 12,
    ConversationStatus.PENDING.value: 2,
    ConversationStatus.SNOOZED.value: 1,
}


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rows = iter(rows)
    while chunk := list(itertools.islice(rows, CHUNK)):
        yield chunk


def _analyze() -> None:
    """What autovacuum would do within a minute of such an import."""
    models_: tuple[type[models.Model], ...] = (
        Contact, Identity, Thread, Message, MessageText, Conversation, ConversationLabel,
    )  # fmt: skip
    with connection.cursor() as cursor:
        for model in models_:
            cursor.execute(f"vacuum analyze {connection.ops.quote_name(model._meta.db_table)}")

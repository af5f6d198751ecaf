"""Posts come in from the door: each is kept as it came, and waits to be understood."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from core import agenda, scope
from core.ids import uuid7
from tenants.enums import CompanyState
from tenants.models import Company
from webhooks.ingress.takers import Taken
from webhooks.sources import hints, parsing, posts
from webhooks.sources.agenda import PROCESS
from webhooks.sources.enums import Outcome, ReceivedState
from webhooks.sources.models import Received, Source

WAITING = (ReceivedState.RECEIVED, ReceivedState.RETRY)
BATCH = 200


def take(taken: Sequence[Taken]) -> None:
    """Hand each company its posts, in a transaction of its own (the ingress's taker)."""
    companies: dict[UUID, Company] = {}
    theirs: dict[UUID, list[Taken]] = defaultdict(list)
    for one in taken:
        if one.route is None or one.route.company.state == CompanyState.DELETED:
            continue  # nobody is left to whom it could say anything
        companies[one.route.company_id] = one.route.company
        theirs[one.route.company_id].append(one)
    # In one order, so that two who hand over to the same companies never wait in a circle.
    for company_id in sorted(theirs):
        company = companies[company_id]
        with scope.opened(company), scope.surroundings(company):
            accept(theirs[company_id])


@transaction.atomic
def accept(taken: Sequence[Taken]) -> None:
    """Write posts into this company; those that are there already change nothing."""
    ids = {
        one.route.connection_id
        for one in taken
        if one.route is not None and one.route.connection_id is not None
    }
    sources = {source.pk: source for source in Source.objects.filter(pk__in=ids).order_by("pk")}
    rows = [
        _row(sources[one.route.connection_id], one)
        for one in taken
        if one.route is not None and one.route.connection_id in sources
    ]
    Received.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    for source in sources.values():
        times = [row.received_at for row in rows if row.source_id == source.pk]
        last = max([*times, *filter(None, [source.last_received_at])])
        Source.objects.filter(pk=source.pk).update(last_received_at=last)
    if rows:
        agenda.append(PROCESS)
        hints.changed()


def keep_sample(*, source: Source, body: bytes, data: Any) -> Received:
    """A post that somebody pasted to map by: it is kept as such, and tells nothing by itself."""
    return Received.objects.create(
        source=source,
        envelope_id=uuid7(),
        raw=body,
        size=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        content_type="application/json",
        headers={"pasted": "yes"},
        data=data,
        state=ReceivedState.IGNORED,
        outcome=Outcome.SAMPLE,
        processed_at=timezone.now(),
    )


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """When the next post is due (the agenda's selector); at most one entry."""
    at = Received.objects.filter(state__in=WAITING).aggregate(at=Min("due_at"))["at"]
    return [("", at)] if at is not None else []


def _row(source: Source, taken: Taken) -> Received:
    post = posts.unpack(taken.body)
    parsed = parsing.read(post.body, post.content_type)
    return Received(
        source=source,
        envelope_id=taken.id,
        raw=post.body,
        size=len(post.body),
        sha256=hashlib.sha256(post.body).hexdigest(),
        content_type=post.content_type,
        headers=dict(post.headers),
        data=parsed.data,
        unreadable=parsed.why,
        received_at=taken.received_at,
        due_at=taken.received_at,
    )

"""Preparing: the audience becomes rows, a thousand a transaction, the cursor beside them.

A crash repeats at most one chunk, and a repeated chunk changes nothing (messaging planning). Rows
whose content is older than the campaign's (it was edited while paused), and those that waited for
the winner of an A/B test, are put together anew in the same slices.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.agenda import PREPARE, REFRESH
from campaigns.enums import CampaignState
from campaigns.links import places
from campaigns.models import Campaign
from campaigns.recipients import CHUNK, Judged, Row, Run
from campaigns.services import links, winners
from campaigns.services.states import locked, move
from campaigns.texting import texted
from core import agenda
from core.memory import uncollected
from crm.phones import canonical
from messaging import gate
from messaging.dispatch import failpoints
from messaging.enums import REST
from messaging.models import Message
from messaging.services import planning, streams

NOBODY = "nobody_to_send_to"
SYSTEM = "system"
BEFORE_CURSOR = "prepare_before_cursor"  # a failpoint: the rows are written, nothing committed


def prepare(campaign_id: UUID) -> None:
    """Prepare for a slice of time; what is left is appended to the agenda again."""
    step = partial(_one, Preparation(campaign_id).step)
    agenda.in_slices(PREPARE, str(campaign_id), step)


def refresh(campaign_id: UUID) -> None:
    """Give those who waited the winner, for a slice, while the run goes on."""
    step = partial(_one, Refreshment(campaign_id).step)
    agenda.in_slices(REFRESH, str(campaign_id), step)


def stale_rows(campaign: Campaign) -> QuerySet[Message]:
    """What has not left yet and would say something else by now."""
    older = Q(content_version__lt=campaign.content_version)
    waiting = Q(variant=REST) if campaign.winner else Q(pk__in=[])
    return Message.objects.filter(
        older | waiting, stream_id=campaign.stream_id, dispatch__in=planning.REPLANNABLE
    )


def _one(step: Callable[[], bool]) -> bool:
    with uncollected():
        return step()


class _Work:
    """The chunks of one slice; what holds for all of them is looked up once."""

    def __init__(self, campaign_id: UUID) -> None:
        self.campaign_id = campaign_id
        self.after: UUID | None = None  # the last row that was put together anew
        self.tracker = links.tracker()
        self.memory = gate.Memory()
        self._run: Run | None = None
        self._places: dict[UUID, dict[str, bool]] = {}

    def run_of(self, campaign: Campaign) -> Run:
        """The campaign made ready, made again when its content changed meanwhile."""
        version = self._run.campaign.content_version if self._run else None
        if self._run is None or version != campaign.content_version:
            self._run, self._places = Run(campaign), {}
        return self._run

    def recipient(self, campaign: Campaign, item: Judged) -> planning.Recipient:
        """The row of a judged contact; nothing is put together for those who get nothing."""
        code = item.skip_code
        is_empty = bool(code) or item.variant == REST
        said = {"variables": item.values} if is_empty else self._said(campaign, item)
        return planning.Recipient(
            id=item.id,
            contact_id=item.person.id,
            connection_id=item.connection_id,
            address=item.address,
            template_id=item.content.template.pk,
            purpose=item.content.purpose,
            **said,
            variant=item.variant,
            media_id=campaign.media_id,
            skip_code=code,
            trace=item.verdict.trace if code else None,
        )

    def _said(self, campaign: Campaign, item: Judged) -> dict[str, Any]:
        """What one recipient is told (of `planning.Recipient`), with links of their own where they
        are tracked."""
        values = item.values
        if self.run_of(campaign).is_sms:
            tracker = self.tracker if campaign.tracks_links else None
            sms = texted(item.content.render(values), item.id, tracker)
            return {"variables": values, "content": sms.content, "segments": sms.parts}
        if campaign.tracks_links:
            values = self.tracker.values(values, self._places_of(item), item.id)
        return {"variables": values, "content": item.content.render(values)}

    def _places_of(self, item: Judged) -> dict[str, bool]:
        template = item.content.template
        if template.pk not in self._places:
            self._places[template.pk] = places(template, self.tracker.base)
        return self._places[template.pk]

    def replan(self, campaign: Campaign) -> bool:
        """Put the next rows together anew; False when none is left."""
        stale = stale_rows(campaign)
        ahead = stale.filter(pk__gt=self.after) if self.after else stale
        rows = [Row(*row) for row in ahead.order_by("pk").values_list(*Row._fields)[:CHUNK]]
        if not rows:
            return False
        run = self.run_of(campaign)
        people = run.people([row.contact_id for row in rows])
        found = [self.recipient(campaign, run.again(people[row.contact_id], row)) for row in rows]
        planning.replan(recipients=found, content_version=campaign.content_version)
        self.keep_links(campaign, {row.id for row in rows})
        self.after = rows[-1].id
        return True

    def keep_links(self, campaign: Campaign, messages: Collection[UUID]) -> None:
        """Write down the links of these messages."""
        links.store(campaign=campaign, made=self.tracker.take(), messages=messages)


class Preparation(_Work):
    """From audience to rows, then what became old meanwhile, then the run begins."""

    def __init__(self, campaign_id: UUID) -> None:
        super().__init__(campaign_id)
        self._seen: set[str] | None = None
        self._cursor: UUID | None = None  # behind which `_seen` was complete

    @transaction.atomic
    def step(self) -> bool:
        """The next chunk; False when there is nothing (more) to prepare."""
        _need_not_wait_for_the_disk()
        campaign = locked(self.campaign_id)
        if campaign.state != CampaignState.PREPARING:
            return False
        if campaign.prepared_at is None and self._plan(campaign):
            return True
        if self.replan(campaign):
            return True
        _finish(campaign)
        return False

    def _plan(self, campaign: Campaign) -> bool:
        _alone_with(campaign.resend_of_id)
        run = self.run_of(campaign)
        people = run.next_chunk(campaign.prepare_cursor)
        if not people:
            return False
        judged = run.judge(
            people,
            seen=self._seen_by(campaign),
            now=timezone.now(),
            memory=self.memory,
        )
        found = [self.recipient(campaign, item) for item in judged]
        _point_back(campaign, found)
        planned = planning.plan(stream=campaign.stream, recipients=found)
        self.keep_links(campaign, planned.written)
        failpoints.reach(BEFORE_CURSOR)
        campaign.prepare_cursor = self._cursor = people[-1].id
        campaign.save(update_fields=["prepare_cursor"])
        return True

    def _seen_by(self, campaign: Campaign) -> set[str]:
        """The addresses that the run has; read again when somebody else planned meanwhile."""
        if self._seen is None or campaign.prepare_cursor != self._cursor:
            rows = Message.objects.filter(stream_id=campaign.stream_id).exclude(address="")
            self._seen = set(map(canonical, rows.values_list("address", flat=True)))
        return self._seen


class Refreshment(_Work):
    """The winner for those who waited; it lets them go."""

    @transaction.atomic
    def step(self) -> bool:
        """The next chunk; False when nobody waits any more."""
        campaign = locked(self.campaign_id)
        if campaign.state not in (CampaignState.RUNNING, CampaignState.PAUSED):
            return False
        if not campaign.winner or not self.replan(campaign):
            return False
        streams.wake(stream_id=campaign.stream_id)
        return True


def _alone_with(origin_id: UUID | None) -> None:
    """Of several campaigns that try the same one again, one at a time looks whom it still misses,
    and the next one sees its rows."""
    rows = Campaign.objects.select_for_update(of=("self",), no_key=True)
    rows.filter(pk__in=[origin_id]).first()


def _need_not_wait_for_the_disk() -> None:
    """Rows and cursor are one transaction: whatever a crash of the database takes back is simply
    prepared again."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _point_back(campaign: Campaign, recipients: Sequence[planning.Recipient]) -> None:
    """The rows of a campaign that tries again name those that they replace."""
    if campaign.resend_of is None:
        return
    former = Message.objects.filter(
        stream_id=campaign.resend_of.stream_id,
        contact__any_of=[one.contact_id for one in recipients],
    )
    by_contact = dict(former.values_list("contact_id", "pk"))
    for one in recipients:
        one.resend_of = by_contact.get(one.contact_id)


def _finish(campaign: Campaign) -> None:
    """Everybody is in rows: let them go, or say that there is nobody."""
    now = timezone.now()
    open_rows = Message.objects.filter(
        stream_id=campaign.stream_id, dispatch__in=planning.REPLANNABLE
    )
    streams.recount(stream_id=campaign.stream_id)
    if campaign.prepared_at is not None or open_rows.exists():
        prepared_at = campaign.prepared_at or now
        move(campaign, CampaignState.RUNNING, actor=SYSTEM, prepared_at=prepared_at)
        winners.expect(campaign)
    else:
        move(
            campaign,
            CampaignState.FAILED,
            actor=SYSTEM,
            code=NOBODY,
            prepared_at=now,
            finished_at=now,
        )

"""The sending company with an address for its callbacks, an inbox, and somebody who reads it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks.listpages.world import sign_in
from benchmarks.sending import world as sending
from campaigns.models import Campaign
from connections.models import Connection
from connections.providers.base import Identities, InboundMessage
from core import scope
from messaging.enums import Direction, Rank
from messaging.models import Message
from messaging.services import inbound
from tenants.enums import Role, RouteKind
from tenants.models import Person, Route
from tenants.services.memberships import add_member
from webhooks.sources.enums import ReceivedState, Scheme
from webhooks.sources.models import Received
from webhooks.sources.services import sources

SECRET = "bench-callbacks"
CONVERSATIONS = 400
MESSAGES_EACH = 3


@dataclass(frozen=True)
class World:
    """Everything that is there before the clock starts."""

    sending: sending.World
    cookie: str  # of the signed-in owner

    @property
    def callback_path(self) -> str:
        """Where the provider posts to."""
        return f"/webhooks/meta/{self.sending.connection.webhook_token}/"

    @property
    def inbox_path(self) -> str:
        """The shared inbox."""
        return f"/c/{self.sending.company.slug}/inbox/"

    def read(self, campaign: Campaign) -> int:
        """How many messages of a campaign were read, by the rows."""
        with scope.opened(self.sending.company):
            rows = Message.objects.filter(stream=campaign.stream_id, rank__gte=Rank.READ)
            return rows.count()

    def received(self, prefix: str) -> int:
        """How many messages of people came in whose id at the provider begins so."""
        with scope.opened(self.sending.company):
            return Message.objects.filter(
                direction=Direction.IN, external_id__startswith=prefix
            ).count()

    def understood(self, prefix: str) -> int:
        """How many posts of sources were handled whose event id begins so."""
        with scope.opened(self.sending.company):
            return Received.objects.filter(
                state=ReceivedState.PROCESSED, data__eventId__startswith=f"event-{prefix}"
            ).count()

    def a_source(self) -> str:
        """A system that may post, signing with `SECRET`; the path of its address."""
        with scope.opened(self.sending.company):
            made = sources.create_source(
                name="Loja", preset_slug="generic", scheme=Scheme.HMAC, secret=SECRET
            )
        return f"/webhooks/in/{made.source.token}/"

    def latest_receipt(self) -> float:
        """When the last receipt was written (a Unix time)."""
        with scope.opened(self.sending.company), connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM max(recorded_at)) FROM messaging_receipt")
            return float(cursor.fetchone()[0] or 0)


def build(*, rate_per_second: float) -> World:
    """A migrated database becomes a company whose number sends so fast."""
    place = sending.build("bench-pace")
    number = place.connection
    person = Person.objects.create_user("owner@bench.example", name="Olga Owner")
    add_member(company=place.company, person=person, role=Role.OWNER)
    for kind, external_id in (
        (RouteKind.NUMBER, number.external_id),
        (RouteKind.WEBHOOK, number.webhook_token),
    ):
        Route.objects.create(  # type: ignore[misc]  # the stubs do not know encrypted fields
            kind=kind, provider=number.provider, external_id=external_id, company=place.company,
            connection_id=number.pk, secret=SECRET, verify_token="bench",
        )  # fmt: skip
    with scope.opened(place.company):
        Connection.objects.filter(pk=number.pk).update(rate_per_second=rate_per_second)
        fill_inbox(number, people=CONVERSATIONS, messages=CONVERSATIONS * MESSAGES_EACH)
    return World(place, f"{settings.SESSION_COOKIE_NAME}={sign_in(person)}")


def fill_inbox(number: Connection, *, people: int, messages: int) -> None:
    """So many people have written to a number of the open company."""
    for index in range(messages):
        person = index % people
        inbound.receive(
            connection=number,
            inbound=InboundMessage(
                number_id=number.external_id,
                account_id=number.account_id,
                external_id=f"wamid.inbox.{index}",
                identities=Identities(wa_id=f"55119{person:08d}", phone=f"55119{person:08d}"),
                at=timezone.now(),
                kind="text",
                profile_name=f"Cliente {person}",
                content={"text": f"Bom dia, ainda tem o produto {index}?"},
            ),
        )

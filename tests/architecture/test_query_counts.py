"""A list costs the same statements for one row and for three, and at most fifteen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from conversations.models import CannedReply, Conversation, Label, Rating
from conversations.services import canned, labels
from core import scope
from core.ids import uuid7
from crm.enums import Likeness
from crm.models import ContactList, FieldDefinition, Import, MergeSuggestion, Segment
from crm.services import erasing, exports, segments, suppressions
from crm.services.fields import create_field
from crm.services.lists import create_list
from events.models import Delivery, Event, Replay
from integrations import registry
from integrations.enums import PushKind
from integrations.models import Integration, Push
from messaging.models import Thread
from team.models import Member, Team
from team.services import teams
from tenants.enums import Role
from tenants.links import company_path
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.conftest import make_member
from tests.crm.factories import a_contact, a_phone
from tests.sources.posting import a_source
from tests.webhooks.endpoints.rows import an_endpoint, an_undelivered
from webhooks.automations.models import Automation, Run, RunStep
from webhooks.automations.services import automations
from webhooks.models import Item

AT_MOST = 15
Make = Callable[[Company], Any]


def a_conversation(company: Company) -> Conversation:
    contact, number = a_contact(), a_connection()
    thread = Thread.objects.create(contact=contact, connection=number, address="+5511987650000")
    return Conversation.objects.create(thread=thread, contact=contact, unread_count=1)


def a_scheduled_campaign(company: Company) -> None:
    Campaign.objects.filter(pk=a_campaign().pk).update(
        state=CampaignState.SCHEDULED, scheduled_at=timezone.now()
    )


def an_import(company: Company) -> Import:
    return Import.objects.create(
        filename="contatos.csv", file_key="x", encoding="utf-8", delimiter=",", total=1
    )


def a_member(company: Company) -> None:
    roles = iter(Role.values)
    members = set(company.memberships.values_list("role", flat=True))
    make_member(company, next(role for role in roles if role not in members))


def a_team(company: Company) -> None:
    member = Member.objects.first()
    teams.create_team(
        name=f"Team {Team.objects.count()}", members=[member.pk] if member else [], actor="system"
    )


def a_segment(company: Company) -> Segment:
    name = f"Audience {Segment.objects.count()}"
    return segments.create_segment(name=name, audience={"all": True})


def a_suppression(company: Company) -> None:
    suppressions.suppress(address=a_phone(), channel="whatsapp")


def a_rating(company: Company) -> None:
    talk, now = a_conversation(company), timezone.now()
    Rating.objects.create(
        conversation=talk, contact=talk.contact, score=4, asked_at=now, answered_at=now
    )


def a_duplicate(company: Company) -> None:
    MergeSuggestion.objects.create(
        first=a_contact(), second=a_contact(), evidence=["phone"], likeness=Likeness.CERTAIN
    )


def an_event(company: Company) -> None:
    Event.objects.create(type="member.joined", data={}, actor=f"person:{uuid7()}")


def a_dead_letter(company: Company) -> None:
    event = Event.objects.create(type="member.joined", data={})
    Delivery.objects.create(event=event, subscriber="test.nobody", state="dead", error="Broken")


def an_item(company: Company) -> None:
    Item.objects.create(envelope_id=uuid7(), position=0, provider="x", kind="unknown", data={})


def a_push(company: Company) -> None:
    system, _made = Integration.objects.get_or_create(provider=registry.slugs()[0])
    Push.objects.create(integration=system, contact=a_contact(), kind=PushKind.CONTACT)


def an_automation() -> Automation:
    steps = [{"id": "s1", "kind": "add_note", "params": {"text": "Oi"}}]
    trigger = {"kind": "event", "params": {"types": ["pix.created"]}}
    made = automations.create(name="PIX", definition={"trigger": trigger, "steps": steps})
    automations.publish(automation=made)
    return Automation.objects.select_related("current").get(pk=made.pk)


def a_run() -> None:
    automation = an_automation()
    run = Run.objects.create(
        automation=automation,
        version=automation.current,
        contact=a_contact(),
        event_uid=uuid7(),
        event_type="pix.created",
        event_at=timezone.now(),
    )
    RunStep.objects.create(run=run, step="s1", kind="add_note", outcome="done")


# Each list page, and what makes one more row of it.
LISTS: dict[str, Make] = {
    "contacts": lambda company: a_contact(),
    "campaigns": lambda company: a_campaign(),
    "campaign-calendar": a_scheduled_campaign,
    "templates": lambda company: a_template(a_connection()),
    "connections": lambda company: a_connection(),
    "inbox": a_conversation,
    "satisfaction": a_rating,
    "imports": an_import,
    "contacts-exports": lambda company: exports.request_export(format="csv"),
    "segments": a_segment,
    "events": an_event,
    "replays": lambda company: Replay.objects.create(until=uuid7(), requested_by="system"),
    "dead-letters": a_dead_letter,
    "received-items": an_item,
    "suppressions": a_suppression,
    "duplicates": a_duplicate,
    "erasures": lambda company: erasing.erase(contact=a_contact(), reason="request"),
    "lists": lambda company: create_list(name=f"List {ContactList.objects.count()}"),
    "fields": lambda company: create_field(
        label=f"Field {FieldDefinition.objects.count()}", kind="text"
    ),
    "integrations": a_push,
    "automations": lambda company: an_automation(),
    "automation-runs": lambda company: a_run(),
    "members": a_member,
    "teams": a_team,
    "source-list": lambda company: a_source(),
    "labels": lambda company: labels.create_label(name=f"Label {Label.objects.count()}"),
    "endpoint-list": lambda company: an_endpoint(),
    "endpoint-undelivered": lambda company: an_undelivered(),
    "canned-replies": lambda company: canned.create_reply(
        shortcut=f"reply {CannedReply.objects.count()}", text="Oi", owner=None
    ),
}
# What each costs today, sign-in and the shell included. A smaller number is a gift, a larger one
# a decision.
PINNED = {
    "contacts": 13,
    "lists": 6,
    "erasures": 6,
    "duplicates": 11,
    "fields": 7,
    "campaigns": 6,
    "campaign-calendar": 6,
    "templates": 7,
    "connections": 6,
    "inbox": 8,
    "satisfaction": 12,
    "imports": 6,
    "contacts-exports": 6,
    "segments": 6,
    "events": 11,
    "replays": 6,
    "dead-letters": 10,
    "received-items": 7,
    "suppressions": 7,
    "integrations": 7,
    "automations": 7,
    "automation-runs": 8,
    "members": 7,
    "teams": 7,
    "source-list": 8,
    "labels": 6,
    "canned-replies": 7,
    "endpoint-list": 8,
    "endpoint-undelivered": 8,
}


def statements(client: Client, url: str) -> list[str]:
    """What a second visit asks of the database (the first one warms caches)."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [
        query["sql"]
        for query in captured.captured_queries
        if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "SET "))
    ]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_for_one_row_and_for_three(
    aurora: Company, client_for: Callable[..., Client], name: str
) -> None:
    client, url = client_for(aurora), company_path(aurora, name)
    costs = []
    for more in (1, 2):
        with scope.opened(aurora), scope.surroundings(aurora):
            for _ in range(more):
                LISTS[name](aurora)
        costs.append(statements(client, url))
    one, three = costs
    assert len(one) == len(three), "\n".join(three)
    assert len(three) == PINNED[name] <= AT_MOST

"""A program sets what a request's description names, and no other column of the row (ASVS 15.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from django.db import models
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from campaigns.models import Campaign
from connections.models import Connection
from conversations.models import CannedReply, Label
from core import ids, scope
from core.ids import uuid7
from crm.models import Contact, ContactList, FieldDefinition, Segment, Tag
from integrations.models import Integration
from team.models import Member, Team
from tests.databases import undone
from tests.isolation import routes
from tests.isolation.conftest import Worlds
from tests.isolation.world import World
from webhooks.automations.models import Automation
from webhooks.endpoints.models import Endpoint
from webhooks.sources.models import Source

Body = dict[str, Any]
Make = Callable[[World], Body]


def public_id(prefix: str, thing: models.Model) -> str:
    return ids.encode(prefix, thing.pk)


def a_campaign(world: World) -> Body:
    return {
        "name": "Nova",
        "connection": public_id("cnx", world.things["connection"]),
        "template": public_id("tpl", world.things["template"]),
        "variables": {"nome": {"value": "Ana"}},
        "audience": {"all": True},
    }


# Bodies that are accepted as they stand.
CREATES: dict[str, tuple[type[models.Model], Make]] = {
    "api-contact-list": (Contact, lambda world: {"name": "Nova", "phone": "+5511955554444"}),
    "api-tag-list": (Tag, lambda world: {"name": "nova"}),
    "api-campaigns": (Campaign, a_campaign),
    "api-list-list": (ContactList, lambda world: {"name": "Nova"}),
    "api-field-list": (FieldDefinition, lambda world: {"label": "Nova", "kind": "number"}),
    "api-team-list": (Team, lambda world: {"name": "Nova"}),
    "api-labels": (Label, lambda world: {"name": "Nova"}),
    "api-canned-replies": (CannedReply, lambda world: {"shortcut": "nova", "text": "Oi"}),
    "api-segment-list": (Segment, lambda world: {"name": "Nova", "audience": {"all": True}}),
    "api-automations": (Automation, lambda world: {"name": "Nova"}),
    "api-endpoints": (Endpoint, lambda world: {"url": "https://93.184.215.14/nova"}),
}
# With the columns that they change.
CHANGES: dict[str, tuple[type[models.Model], Make, set[str]]] = {
    "api-contact-detail": (Contact, lambda world: {"name": "Outra"}, {"name", "search"}),
    "api-tag-detail": (Tag, lambda world: {"color": "red"}, {"color"}),
    "api-campaign": (Campaign, lambda world: {"name": "Outra"}, {"name"}),
    "api-automation": (Automation, lambda world: {"name": "Outra"}, {"name"}),
    "api-connection-detail": (Connection, lambda world: {"name": "Outra"}, {"name"}),
    "api-list-detail": (ContactList, lambda world: {"name": "Outra"}, {"name", "key"}),
    "api-field-detail": (FieldDefinition, lambda world: {"label": "Outra"}, {"label"}),
    "api-team-detail": (Team, lambda world: {"name": "Outra"}, {"name"}),
    "api-label": (Label, lambda world: {"color": "red"}, {"color"}),
    "api-source": (Source, lambda world: {"name": "Outra"}, {"name"}),
    "api-canned-reply": (CannedReply, lambda world: {"text": "Olá"}, {"text"}),
    "api-segment-detail": (Segment, lambda world: {"name": "Outra"}, {"name"}),
    "api-integration-detail": (
        Integration,
        lambda world: {"preferences": {"tags": False}},
        {"preferences"},
    ),
    "api-endpoint": (Endpoint, lambda world: {"name": "Outra"}, {"name"}),
    "api-member-detail": (Member, lambda world: {"role": "agent"}, {"role"}),
}
# These make no row out of their fields (a file, a ledger's line, a message), or ask a provider.
ELSEWHERE = {
    ("api-contact-opt-in", "POST"),
    ("api-contact-opt-out", "POST"),
    ("api-contact-merge", "POST"),
    ("api-contact-erase", "POST"),
    ("api-list-contacts", "POST"),
    ("api-member-invitations", "POST"),
    ("api-connection-list", "POST"),
    ("api-template-list", "POST"),
    ("api-template-detail", "PATCH"),
    ("api-template-sync", "POST"),
    ("api-conversation-messages", "POST"),
    ("api-conversations-bulk", "POST"),
    ("api-conversation-scheduled", "POST"),
    ("api-conversation-snooze", "POST"),
    ("api-conversation-assign", "POST"),
    ("api-conversation-priority", "POST"),
    ("api-conversation-labels", "POST"),
    ("api-conversation-notes", "POST"),
    ("api-messages", "POST"),
    ("api-campaign-test", "POST"),
    ("api-campaign-resend", "POST"),
    ("api-campaign-winner", "POST"),
    ("api-campaign-exports", "POST"),
    ("api-automation-switch-off", "POST"),
    ("api-automation-dry-runs", "POST"),
    ("api-contacts-export-list", "POST"),
    ("api-contacts-bulk-list", "POST"),
    ("api-duplicate-merge", "POST"),
    ("api-import-undo", "POST"),
    ("api-retention", "PATCH"),  # a kind of data, which is no row until somebody changes it
    ("api-contact-consents", "POST"),
    ("api-suppression-list", "POST"),
    ("api-suppression-bulk", "POST"),
    ("api-sending-policy", "PATCH"),  # one row, without an id to ask for
    ("api-inbox-settings", "PATCH"),
    ("api-business-hours", "PATCH"),
    ("api-saved-views", "POST"),  # of whoever asks: a key is nobody
    ("api-member-availability", "POST"),
    ("api-endpoint-activate", "POST"),
    ("api-endpoint-test", "POST"),
    ("api-endpoints-redrive", "POST"),
    ("api-sources", "POST"),  # its token is another each time
    ("api-source-secret", "POST"),
    ("api-source-try", "POST"),
    ("api-dead-letters", "POST"),
    ("api-event-replay", "POST"),
    ("api-replay-list", "POST"),  # what is to be told again, as a filter
    ("api-hooks", "POST"),  # an endpoint, whose fields it names otherwise
}
SET_BY_EVERY_WRITE = {
    "headers_sealed",
    "id",
    "created_at",
    "updated_at",
    "last_active_at",
    "stream_id",
}


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def named_by(name: str, method: str) -> set[str]:
    """The JSON fields that an endpoint's request has by the API's description; none if no body."""
    [route] = [route for route in routes.api() if route.name == name]
    path = re.sub(r"<str:id>|\(\?P<id>[^)]*\)", "{id}", f"/{route.path}").replace("^", "")
    operation = document()["paths"][path][method.lower()]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is None:
        return set()
    reference = body["schema"]["$ref"].split("/")[-1]
    return set(document()["components"]["schemas"][reference]["properties"])


def smuggled(model: type[models.Model], named: set[str]) -> Body:
    """A value for every column of the model that the endpoint's description does not name."""
    return {
        name: a_value(field)
        for field in model._meta.concrete_fields
        for name in {field.name, field.attname} - named
    }


def a_value(field: models.Field[Any, Any]) -> Any:
    """Something that would fit the column and that no row of ours holds."""
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.IntegerField):
        return 4321
    if isinstance(field, models.DateTimeField):
        return "2001-02-03T04:05:06Z"
    if isinstance(field, models.JSONField):
        return {"smuggled": "smuggled"}
    if isinstance(field, models.UUIDField | models.ForeignKey):
        return str(uuid7())
    return field.choices[-1][0] if field.choices else "smuggled"


def a_client(world: World) -> APIClient:
    return APIClient(headers={"Authorization": f"Api-Key {world.secrets['api_key']}"})


def row(world: World, model: type[models.Model], pk: object) -> Body:
    with scope.opened(world.company):
        found: Body = model._default_manager.filter(pk=pk).values().get()
    return found


def created(world: World, name: str, model: type[models.Model], body: Body) -> Body:
    """The row that a request makes, without what differs by nature; taken back afterwards."""
    with undone():
        answer = a_client(world).post(routes.platform_path(name), body, format="json")
        assert (answer.status_code, answer.json().get("errors")) == (201, None)
        prefix, _, _ = answer.json()["id"].partition("_")
        found = row(world, model, ids.decode(prefix, answer.json()["id"]))
    return {name: value for name, value in found.items() if name not in SET_BY_EVERY_WRITE}


@pytest.mark.parametrize("name", CREATES)
def test_a_new_row_takes_only_the_fields_of_the_request(worlds: Worlds, name: str) -> None:
    model, make = CREATES[name]
    world, body = worlds.aurora, make(worlds.aurora)
    extra = smuggled(model, named_by(name, "POST"))
    assert extra != {}
    plain = created(world, name, model, body)
    assert created(world, name, model, {**extra, **body}) == plain


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_touches_only_the_fields_of_the_request(worlds: Worlds, name: str) -> None:
    model, make, changes = CHANGES[name]
    world, body = worlds.aurora, make(worlds.aurora)
    thing, prefix = routes.resource_of(name)
    before = row(world, model, world.things[thing].pk)
    with undone():
        url = routes.platform_path(name, id=public_id(prefix, world.things[thing]))
        extra = smuggled(model, named_by(name, "PATCH"))
        answer = a_client(world).patch(url, {**extra, **body}, format="json")
        assert answer.status_code == 200
        after = row(world, model, world.things[thing].pk)
    changed = {column for column in before if before[column] != after[column]}
    assert changed - {"updated_at"} == changes


def test_every_request_with_fields_is_either_here_or_explained() -> None:
    here = {(name, "POST") for name in CREATES} | {(name, "PATCH") for name in CHANGES}
    unknown = {
        (route.name, method)
        for route in routes.api()
        for method in set(route.api_methods) & {"POST", "PUT", "PATCH"}
        if named_by(route.name, method) and (route.name, method) not in here | ELSEWHERE
    }
    assert unknown == set()

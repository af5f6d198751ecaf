"""The worlds hold one of everything, so that what is new is walked too."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from core import scope
from tests.isolation.conftest import Worlds
from tests.isolation.world import World

# Rows that hold no word of anybody: ids, states, hashes and secrets.
WORDLESS = {
    "ContactTag",
    "Listener",
    "ListMember",
    "HealthReading",
    "Stream",
    "SendingPolicy",
    "TierUse",
    "Budget",
    "Thread",
    "Conversation",
    "ConversationLabel",
    "MessageText",  # words one by one, which no marker survives
    "MessageFile",
    "InboxSettings",
    "SuppressionKey",
    "ContactBulk",
    "ContactColumns",
    "RetentionRule",
    "RetentionRun",
    "Erasure",
    "ImportUndo",
    "MergeSuggestion",
    "DuplicateSearch",
    "Tombstone",
    "LinkCode",
    "Click",
    "Media",
    "Member",
    "TeamMember",
    "AwayNotice",
    "ReplyTime",
    "CustomerSignal",
    "NotificationPreference",
    "EndpointSecret",
    "Dispatch",
    "Redrive",
    "HourCount",
    "Watch",
}


def company_models() -> list[type[Model]]:
    """Every model of a company's schema; a new one must be added to the world."""
    return [
        model
        for app in settings.TENANT_APPS
        for model in apps.get_app_config(app.split(".")[-1]).get_models()
    ]


@pytest.mark.parametrize("model", company_models(), ids=lambda model: model._meta.label)
def test_each_company_has_a_row_of_every_model(worlds: Worlds, model: type[Model]) -> None:
    for world in worlds:
        assert rows_of(world, model) != []


@pytest.mark.parametrize(
    "model",
    [model for model in company_models() if model.__name__ not in WORDLESS],
    ids=lambda model: model._meta.label,
)
def test_every_text_of_a_company_bears_its_marker(worlds: Worlds, model: type[Model]) -> None:
    for world, other in (worlds, reversed(worlds)):
        text = json.dumps(rows_of(world, model), default=str).lower()
        assert world.marker.lower() in text
        assert other.marker.lower() not in text


def rows_of(world: World, model: type[Model]) -> list[dict[str, Any]]:
    with scope.opened(world.company):
        return list(model._default_manager.values())

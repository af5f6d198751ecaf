"""A visitor of Aurora, and an automation of hers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core import scope
from tenants.models import Company
from webhooks.automations.models import Automation
from webhooks.automations.services import automations

HOME = "/c/aurora/automations/"


def a_definition(**parts: Any) -> dict[str, Any]:
    """PIX created, over R$ 50: wait half an hour, and note it."""
    steps = [
        {"id": "s1", "kind": "wait", "params": {"for": {"amount": 30, "unit": "minutes"}}},
        {
            "id": "s2",
            "kind": "branch",
            "if": {"join": "all", "items": [{"kind": "hours", "op": "open"}]},
            "then": [{"id": "s3", "kind": "add_note", "params": {"text": "Aberto"}}],
            "else": [],
        },
    ]
    return {
        "trigger": {"kind": "event", "params": {"types": ["pix.created"]}},
        "conditions": {
            "join": "all",
            "items": [{"kind": "event:amount", "op": "greater", "value": 5000}],
        },
        "steps": steps,
        **parts,
    }


@pytest.fixture
def visitor(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora)


@pytest.fixture
def automation(aurora: Company) -> Automation:
    with scope.opened(aurora), scope.surroundings(aurora):
        return automations.create(name="PIX", definition=a_definition())

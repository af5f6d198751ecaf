"""Who did it is said in words, also where it was a system or an automation."""

from django.utils import translation

from core.ids import uuid7
from events import actors
from integrations.models import Integration
from tenants.models import Company
from webhooks.automations.happening import actor_of
from webhooks.automations.models import Automation


def test_automations_systems_and_sources_have_names(company: Company) -> None:
    automation = Automation.objects.create(name="PIX")
    integration = Integration.objects.create(provider="kommo")
    gone = actor_of(uuid7(), 0)
    acted = {
        actor_of(automation.pk, 2): "Automation “PIX”",
        f"integration:{integration.pk}": "Kommo",
        "source": "A source",
        "system": "The system",
        gone: gone,
        "other:thing": "other:thing",
    }
    with translation.override("en"):
        assert actors.names_of(acted) == acted

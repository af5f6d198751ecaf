"""Stopping: told once, and in trouble until it is mended."""

from datetime import timedelta

from django.utils import timezone

from events.models import Event, Incident
from integrations.models import Integration
from integrations.services import states
from team.models import Notification


def test_a_stop_is_told_once(integration: Integration, owner: object) -> None:
    assert states.stop(integration, code="access_revoked", detail="x" * 600)
    assert not states.stop(integration, code="token_ended")
    assert Event.objects.filter(type="integration.stopped").count() == 1
    assert [row.cause for row in Incident.objects.filter(closed_at=None)] == ["access_revoked"]
    assert Notification.objects.filter(code=states.STOPPED).count() == 1


def test_a_longer_wait_stays(integration: Integration) -> None:
    long = timezone.now() + timedelta(minutes=15)
    states.hold(integration, until=long)
    states.hold(integration, until=timezone.now())
    integration.refresh_from_db()
    assert integration.blocked_until == long

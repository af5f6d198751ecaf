"""What people choose about an integration."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import Invalid, Unavailable
from events.models import Event, Interest
from integrations.enums import IntegrationState
from integrations.models import Integration
from integrations.preferences import Preferences
from integrations.services import connecting, settings
from tests.integrations.conftest import Stand


def test_only_what_is_wanted_is_listened_for(integration: Integration) -> None:
    wanted = Preferences(pushes=frozenset({"contact.created"}), mapping={"cidade": "1003"})
    settings.choose(integration=integration, preferences=wanted)
    assert list(
        Interest.objects.filter(subscriber=connecting.SUBSCRIBER).values_list("type", flat=True)
    ) == ["contact.created"]
    integration.refresh_from_db()
    assert Preferences.of(integration.preferences) == wanted
    told = Event.objects.get(type="integration.changed")
    assert told.data["changed"] == ["pushes", "mapping"]


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"pushes": frozenset({"message.received"})}, "pushes"),
        ({"note_sight": "loud"}, "note_sight"),
        ({"mapping": {"cidade": "9"}}, "mapping"),
        ({"mapping": {"cidade": "1003", "plano": "1003"}}, "mapping"),
        ({"mapping": {"ci\0dade": "1003"}}, "mapping"),
    ],
)
def test_what_does_not_fit_is_named(
    integration: Integration, chosen: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        settings.choose(integration=integration, preferences=Preferences(**chosen))  # type: ignore[arg-type]
    assert list(refused.value.errors) == [field]


def test_the_next_time_counts_from_the_change(integration: Integration) -> None:
    row = settings.set_interval(integration=integration, minutes=60)
    assert row.next_sync_at is not None
    assert timedelta(minutes=59) < row.next_sync_at - timezone.now() <= timedelta(minutes=60)
    assert settings.set_interval(integration=integration, minutes=0).next_sync_at is None
    with pytest.raises(Invalid):
        settings.set_interval(integration=integration, minutes=7)


def test_fields_are_fetched_and_a_refusal_stops_it(integration: Integration, stand: Stand) -> None:
    Integration.objects.update(config={"subdomain": "lojaaurora"})
    row = settings.fetch_fields(integration=integration)
    assert [field["id"] for field in row.config["fields"]] == ["1003", "1004", "1005"]
    stand.steer(revoke=True)
    with pytest.raises(Unavailable):
        settings.fetch_fields(integration=integration)
    row.refresh_from_db()
    assert row.state == IntegrationState.STOPPED

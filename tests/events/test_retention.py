"""Old lines of the log go; what somebody still has to hear of stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import retention as registry
from events import retention as log
from events.enums import DeliveryState
from events.models import Delivery, Event
from tenants.models import Company


def lines(*days_ago: int) -> list[Event]:
    now = timezone.now()
    Event.objects.all().delete()
    return [
        Event.objects.create(type=f"t.{days}", data={}, occurred_at=now - timedelta(days=days))
        for days in days_ago
    ]


@pytest.mark.parametrize("batch", [1, 2, 50])
def test_old_lines_go_and_the_rest_stays(
    company: Company, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "BATCH", batch)
    waiting, *_rest = lines(130, 120, 110, 100, 1)
    Delivery.objects.create(event=waiting, subscriber="x", state=DeliveryState.PENDING)
    source = registry.kinds["events"].sources[0]
    before, place = timezone.now() - timedelta(days=90), ""
    assert source.count(before) == 4
    for _ in range(10):
        found = source.forget(before, place)
        place = found.place
        if found.is_done:
            break
    assert found.is_done
    assert [event.type for event in Event.objects.order_by("pk")] == ["t.130", "t.1"]

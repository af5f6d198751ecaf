"""A number's condition is kept when it changes, and read as days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections import history
from connections.enums import ConnectionState, Quality
from connections.models import HealthReading
from connections.services import states
from tests.connections.factories import a_connection

pytestmark = pytest.mark.usefixtures("company")


def test_only_a_change_is_kept() -> None:
    connection = a_connection()
    history.write(connection.pk)
    history.write(connection.pk)
    states.stop(connection, "190")
    assert [row.state for row in history.readings(connection.pk)] == [
        ConnectionState.STOPPED,
        ConnectionState.ACTIVE,
    ]


def test_a_day_shows_its_worst_quality_and_carries_it_on() -> None:
    connection = a_connection()
    now = timezone.now()
    for ago, quality in ((40, Quality.GREEN), (3, Quality.RED), (3, Quality.YELLOW)):
        HealthReading.objects.create(
            connection=connection,
            at=now - timedelta(days=ago),
            state=ConnectionState.ACTIVE,
            quality=quality,
        )
    found = history.days(connection.pk)
    assert len(found) == history.DAYS
    assert [day.quality for day in found[-5:]] == [
        Quality.GREEN,
        Quality.RED,
        Quality.YELLOW,
        Quality.YELLOW,
        Quality.YELLOW,
    ]


def test_days_before_the_first_reading_are_left_out() -> None:
    connection = a_connection()
    history.write(connection.pk)
    assert [day.on for day in history.days(connection.pk)] == [timezone.localdate()]

"""Runs are counted once a beat, however often somebody asks for it."""

from datetime import UTC, datetime, timedelta

import pytest

from core.models import AgendaRow
from messaging import progress
from messaging.agenda import RECOUNT
from messaging.models import Stream
from messaging.services import streams
from tenants.models import Company


@pytest.fixture
def large_run(company: Company) -> Stream:
    run = streams.create(kind="campaign")
    Stream.objects.filter(pk=run.pk).update(counts={"total": 100_000})
    return run


def moments_of(monkeypatch: pytest.MonkeyPatch, run: Stream, *seconds: float) -> set[datetime]:
    """When it is counted, if somebody asks at these seconds of a minute."""
    start = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    for second in seconds:
        monkeypatch.setattr(
            progress.timezone, "now", lambda at=start + timedelta(seconds=second): at
        )
        progress.recount_soon([run.pk])
    return set(AgendaRow.objects.filter(kind=RECOUNT).values_list("due_at", flat=True))


def test_who_asks_within_one_beat_asks_for_the_same_moment(
    large_run: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = moments_of(monkeypatch, large_run, 0.1, 1.0, 2.5, 4.9)
    assert found == {datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC)}


def test_the_next_beat_counts_what_comes_later(
    large_run: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = moments_of(monkeypatch, large_run, 4.9, 5.0, 9.0)
    assert found == {
        datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC),
        datetime(2026, 11, 21, 12, 0, 10, tzinfo=UTC),
    }

"""Outcomes of a wave in the ledger: one that cannot be written takes no other with it."""

import pytest
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import FailureClass
from core.models import AgendaRow
from messaging.agenda import CANCEL
from messaging.dispatch import lanes
from messaging.dispatch.claim import Claim, Claimed
from messaging.dispatch.outcomes import Outcome
from messaging.dispatch.record import record
from messaging.enums import DispatchState
from messaging.models import Message, Stream
from messaging.services import streams
from tenants.models import Company
from tests.messaging import factories


@pytest.fixture
def stream(company: Company) -> Stream:
    connection = factories.a_connection()
    return factories.a_run(connection, factories.a_template(connection), 3)


def on_the_wire(stream: Stream) -> tuple[Claim, list[Claimed]]:
    factories.start(stream)
    claim = Claim(Connection.objects.get().pk, lanes.RUNS)
    wave = claim.take(10)
    claim.begin(wave)
    return claim, wave


@pytest.mark.parametrize("unwritable", ["wamid.\x00", "w" * 300])
def test_an_answer_that_cannot_be_stored_spoils_no_other(stream: Stream, unwritable: str) -> None:
    claim, wave = on_the_wire(stream)
    ids = ["wamid.1", unwritable, "wamid.3"]
    outcomes = [
        Outcome(item.id, DispatchState.ACCEPTED, external_id=external_id)
        for item, external_id in zip(wave, ids, strict=True)
    ]

    record(outcomes, {item.id: item for item in wave}, claim.token, wait_seconds=900)

    rows = Message.objects.in_bulk([item.id for item in wave])
    assert [(rows[item.id].dispatch, rows[item.id].external_id) for item in wave] == [
        (DispatchState.ACCEPTED, "wamid.1"),
        (DispatchState.UNKNOWN, None),
        (DispatchState.ACCEPTED, "wamid.3"),
    ]
    due_at = rows[wave[1].id].due_at
    assert due_at is not None
    assert due_at > timezone.now()  # evidence may still come


def test_what_comes_back_to_a_cancelled_run_is_cancelled_too(stream: Stream) -> None:
    claim, wave = on_the_wire(stream)
    streams.cancel(stream_id=stream.pk)
    streams.cancel_rows(stream_id=stream.pk)
    AgendaRow.objects.all().delete()
    outcomes = [
        Outcome(
            item.id,
            DispatchState.RETRY_WAIT,
            code="131000",
            due_at=timezone.now(),
            klass=FailureClass.RETRYABLE,
        )
        for item in wave
    ]

    record(outcomes, {item.id: item for item in wave}, claim.token, wait_seconds=900)

    assert list(AgendaRow.objects.filter(kind=CANCEL).values_list("key", flat=True)) == [
        str(stream.pk)
    ]
    streams.cancel_rows(stream_id=stream.pk)
    assert factories.states_of(stream) == {DispatchState.CANCELLED: 3}

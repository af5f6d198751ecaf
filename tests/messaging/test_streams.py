"""Runs: held, running, paused, closed, and counted exactly."""

import pytest
from django.utils import timezone

from connections.models import Connection
from core.errors import Conflict
from events.models import Event
from messaging import selectors
from messaging.dispatch import lanes
from messaging.dispatch.claim import Claim
from messaging.enums import DispatchState, StreamState
from messaging.models import Message, Stream, Template
from messaging.services import planning, streams
from tenants.models import Company
from tests.messaging import factories

D = DispatchState


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


@pytest.fixture
def template(connection: Connection) -> Template:
    return factories.a_template(connection)


def test_planning_twice_changes_nothing(connection: Connection, template: Template) -> None:
    stream = streams.create(kind="campaign")
    people = factories.contacts(5)

    def plan() -> tuple[int, int, int]:
        found = factories.recipients(people, connection, template)
        done = planning.plan(stream=stream, recipients=found)
        return done.planned, done.skipped, done.duplicates

    assert plan() == (5, 0, 0)
    assert plan() == (0, 0, 5)
    assert Message.objects.count() == 5


def test_one_address_is_written_to_once_however_many_contacts_have_it(
    connection: Connection, template: Template
) -> None:
    same = factories.recipients(factories.contacts(2), connection, template)
    same[1].address = same[0].address
    done = planning.plan(stream=streams.create(kind="campaign"), recipients=same)
    assert (done.planned, done.duplicates) == (1, 1)


def test_everybody_without_an_address_is_counted_with_the_reason(
    connection: Connection, template: Template
) -> None:
    stream = streams.create(kind="campaign")
    nowhere = factories.recipients(factories.contacts(3), connection, template)
    for recipient in nowhere:
        recipient.address, recipient.skip_code = "", "address_missing"
    planning.plan(stream=stream, recipients=nowhere)

    assert selectors.counts(stream.pk)["skipped"] == 3
    assert selectors.reason_counts(stream.pk) == {"address_missing": 3}


def test_a_claim_made_before_a_pause_sends_nothing_after_it(
    connection: Connection, template: Template
) -> None:
    stream = factories.a_run(connection, template, 3)
    factories.start(stream)
    claim = Claim(connection.pk, lanes.RUNS)
    held = claim.take(10)

    streams.pause(stream_id=stream.pk)
    assert claim.begin(held) == set()

    streams.resume(stream_id=stream.pk)
    assert claim.begin(held) == set()  # another epoch: it has to be claimed anew


def test_cancelling_leaves_what_is_on_the_wire(connection: Connection, template: Template) -> None:
    stream = factories.a_run(connection, template, 3)
    factories.start(stream)
    claim = Claim(connection.pk, lanes.RUNS)
    held = claim.take(1)
    claim.begin(held)

    streams.cancel(stream_id=stream.pk)
    streams.cancel_rows(stream_id=stream.pk)

    assert factories.states_of(stream) == {D.SENDING: 1, D.CANCELLED: 2}


def test_a_closed_run_stays_closed(connection: Connection) -> None:
    stream = streams.create(kind="campaign")
    streams.cancel(stream_id=stream.pk)

    with pytest.raises(Conflict) as refused:
        streams.run(stream_id=stream.pk)
    assert refused.value.code == "stream_closed"


@pytest.mark.parametrize("state", [D.PLANNED, D.QUEUED, D.CLAIMED, D.SENDING, D.UNKNOWN])
def test_a_run_with_an_open_row_is_not_done(
    connection: Connection, template: Template, state: DispatchState
) -> None:
    stream = factories.a_run(connection, template, 2)
    factories.start(stream)
    rows = Message.objects.filter(stream=stream)
    rows.update(dispatch=D.ACCEPTED)
    rows.filter(pk=rows.values_list("pk", flat=True)[0]).update(dispatch=state)

    assert not streams.close_if_done(stream_id=stream.pk)
    assert Stream.objects.get(pk=stream.pk).state == StreamState.RUNNING


def test_a_run_whose_rows_are_all_done_is_closed(
    connection: Connection, template: Template
) -> None:
    stream = factories.a_run(connection, template, 2)
    factories.start(stream)
    Message.objects.filter(stream=stream).update(dispatch=D.ACCEPTED)

    assert streams.close_if_done(stream_id=stream.pk)
    stream.refresh_from_db()
    assert (stream.state, stream.counts["sent"]) == (StreamState.CLOSED, 2)


def test_the_counts_are_a_partition_of_every_state(
    connection: Connection, template: Template
) -> None:
    states = [state for state in D if state != D.NONE]
    stream = factories.a_run(connection, template, len(states) + 3)
    rows = list(Message.objects.filter(stream=stream).order_by("pk"))
    for row, state in zip(rows, states, strict=False):
        Message.objects.filter(pk=row.pk).update(dispatch=state)
    read, failed, both = (row.pk for row in rows[-3:])
    now = timezone.now()
    Message.objects.filter(pk=read).update(dispatch=D.ACCEPTED, rank=30, replied_at=now)
    Message.objects.filter(pk=failed).update(dispatch=D.ACCEPTED, rank=10, failed_at=now)
    Message.objects.filter(pk=both).update(dispatch=D.ACCEPTED, rank=20, failed_at=now)

    assert selectors.counts(stream.pk) == {
        "total": len(states) + 3,
        "queued": 4,  # planned, queued, claimed, retry_wait
        "sending": 1,
        "sent": 3,  # accepted, read, and the one whose failure was overtaken
        "delivered": 2,
        "read": 1,
        "replied": 1,
        "failed": 2,  # rejected, and failed after being accepted
        "skipped": 1,
        "cancelled": 2,  # with expired
        "unknown": 2,  # with unconfirmed
    }
    # The filter's expression says of each row what the row says of itself.
    for row in Message.objects.filter(stream=stream).with_state():
        assert row.state == selectors.public_state(row)


def test_a_recount_tells_only_what_changed(connection: Connection, template: Template) -> None:
    stream = factories.a_run(connection, template, 2)
    for _ in range(3):
        streams.recount(stream_id=stream.pk)

    assert Event.objects.filter(type="stream.progressed").count() == 1

"""The sender against the sandbox: every recipient once, and every failure where it belongs."""

import time
from datetime import timedelta
from threading import Timer
from typing import Any

import pytest
from django.utils import timezone

from connections.enums import ConnectionState
from connections.models import Connection
from core import stopping
from crm.models import Consent
from messaging import selectors
from messaging.dispatch import lanes
from messaging.dispatch import pump as pump_module
from messaging.dispatch.pump import pump
from messaging.enums import DispatchState
from messaging.models import Message, Stream, Template, Thread
from messaging.services import streams, threads
from sandbox.testing import Handle
from tenants.models import Company
from tests.messaging import factories
from tests.messaging.factories import states_of

# What has not left: never claimed, or given back.
WAITING = (DispatchState.PLANNED, DispatchState.QUEUED)


@pytest.fixture
def connection(company: Company, sandbox: Handle) -> Connection:
    return factories.a_connection()


@pytest.fixture
def template(connection: Connection) -> Template:
    return factories.a_template(connection)


def ledger(sandbox: Handle) -> list[dict[str, Any]]:
    return sandbox.http.get("/_sandbox/ledger", params={"limit": 5000}).json()["results"]


def fail_with(sandbox: Handle, fault: str, **when: Any) -> None:
    rule = {"when": when, "do": fault}
    sandbox.http.post(
        "/_sandbox/faults", json={"provider": "meta", "rules": [rule]}
    ).raise_for_status()


def send_all(connection: Connection) -> None:
    pump(lanes.RUNS, str(connection.pk))


def test_every_recipient_gets_the_message_once(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    stream = factories.a_run(connection, template, 120)
    factories.start(stream)

    send_all(connection)

    sent = ledger(sandbox)
    rows = Message.objects.filter(stream=stream)
    assert states_of(stream) == {DispatchState.ACCEPTED: 120}
    assert sorted(item["wamid"] for item in sent) == sorted(row.external_id for row in rows)
    assert len({item["recipient"] for item in sent}) == 120


def test_the_opaque_value_names_row_and_attempt(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    factories.start(factories.a_run(connection, template, 1))
    send_all(connection)

    row = Message.objects.get(stream__isnull=False)
    assert [item["opaque"] for item in ledger(sandbox)] == [f"{row.send_key}:1"]


def test_sent_rows_join_the_thread_there_is_and_stand_at_the_time_of_sending(
    connection: Connection, template: Template
) -> None:
    began = timezone.now()
    known, *_ = people = factories.contacts(3)
    thread = threads.get_or_create(
        contact_id=known.pk, connection_id=connection.pk, address=factories.address_of(known)
    )
    factories.start(factories.a_run(connection, template, 3, people=people))
    send_all(connection)

    assert Thread.objects.count() == 1
    for row in Message.objects.all():
        assert row.thread_id == (thread.pk if row.contact_id == known.pk else None)
        assert row.at > began


def test_who_answers_a_run_finds_it_at_the_beginning_of_the_thread(
    connection: Connection, template: Template
) -> None:
    people = factories.contacts(2)
    factories.start(factories.a_run(connection, template, 2, people=people))
    send_all(connection)

    thread = threads.get_or_create(
        contact_id=people[0].pk,
        connection_id=connection.pk,
        address=factories.address_of(people[0]),
    )

    found = dict(Message.objects.values_list("contact_id", "thread_id"))
    assert found == {people[0].pk: thread.pk, people[1].pk: None}


def test_a_held_or_paused_run_sends_nothing(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    held = factories.a_run(connection, template, 3)
    paused = factories.a_run(connection, template, 3)
    factories.start(paused)
    streams.pause(stream_id=paused.pk)

    send_all(connection)

    assert ledger(sandbox) == []
    assert states_of(held) == {DispatchState.PLANNED: 3}
    assert states_of(paused) == {DispatchState.PLANNED: 3}


def test_a_resumed_run_goes_on_where_it_stood(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    stream = factories.a_run(connection, template, 3)
    factories.start(stream)
    streams.pause(stream_id=stream.pk)
    streams.resume(stream_id=stream.pk)

    send_all(connection)

    assert states_of(stream) == {DispatchState.ACCEPTED: 3}
    assert len(ledger(sandbox)) == 3


@pytest.mark.parametrize("fault", ["reset_after_read", "half_body", "200_no_id", "500_html"])
def test_an_unclear_answer_is_unknown_and_never_sent_again(
    connection: Connection, template: Template, sandbox: Handle, fault: str
) -> None:
    fail_with(sandbox, fault, path="/messages")
    stream = factories.a_run(connection, template, 2)
    factories.start(stream)

    send_all(connection)
    send_all(connection)

    assert states_of(stream) == {DispatchState.UNKNOWN: 2}
    assert len(ledger(sandbox)) == 2
    assert selectors.counts(stream.pk)["unknown"] == 2


def test_what_was_surely_refused_is_tried_again_later(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    fail_with(sandbox, "500_json", path="/messages")
    stream = factories.a_run(connection, template, 2)
    factories.start(stream)

    send_all(connection)

    assert states_of(stream) == {DispatchState.RETRY_WAIT: 2}
    row = Message.objects.filter(stream=stream).first()
    assert row is not None
    assert (row.attempt, row.due_at > timezone.now()) == (1, True)
    assert ledger(sandbox) == []


def test_after_five_tries_it_is_rejected(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    fail_with(sandbox, "500_json", path="/messages")
    stream = factories.a_run(connection, template, 1)
    factories.start(stream)
    for _ in range(5):
        Message.objects.update(due_at=timezone.now())
        send_all(connection)

    row = Message.objects.get(stream=stream)
    assert (row.dispatch, row.attempt) == (DispatchState.REJECTED, 5)


def test_a_throttled_number_pauses_and_nobody_fails(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    fail_with(sandbox, "error:130429", path="/messages")
    stream = factories.a_run(connection, template, 4)
    factories.start(stream)

    send_all(connection)

    connection.refresh_from_db()
    assert connection.state == ConnectionState.PAUSED
    assert connection.paused_until > timezone.now()
    assert states_of(stream) == {DispatchState.RETRY_WAIT: 4}
    assert set(Message.objects.values_list("attempt", flat=True)) == {0}


def test_a_refused_token_stops_the_number_and_burns_nobody(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    fail_with(sandbox, "error:190", path="/messages")
    stream = factories.a_run(connection, template, 150)
    factories.start(stream)

    send_all(connection)

    connection.refresh_from_db()
    assert connection.state == ConnectionState.STOPPED
    counts = selectors.counts(stream.pk)
    assert (counts["queued"], counts["failed"], counts["skipped"]) == (150, 0, 0)


def test_a_definitive_refusal_is_final_with_its_code(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    fail_with(sandbox, "error:131008", path="/messages")
    stream = factories.a_run(connection, template, 1)
    factories.start(stream)

    send_all(connection)

    row = Message.objects.get(stream=stream)
    assert (row.dispatch, row.code) == (DispatchState.REJECTED, "131008")


def test_who_stopped_us_at_the_provider_is_opted_out(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    fail_with(sandbox, "error:131050", path="/messages")
    stream = factories.a_run(connection, template, 1)
    factories.start(stream)

    send_all(connection)

    row = Message.objects.get(stream=stream)
    assert row.dispatch == DispatchState.REJECTED
    newest = Consent.objects.filter(contact=row.contact).order_by("-at").first()
    assert newest is not None
    assert newest.action == "opt_out"


def test_an_unreachable_provider_counts_no_attempt_and_opens_the_circuit(
    connection: Connection, template: Template, settings: Any
) -> None:
    settings.GRAPH_BASE_URL = "http://127.0.0.1:9/graph"
    settings.OUTBOUND_ALLOWED_PRIVATE = ["127.0.0.1:9"]
    stream = factories.a_run(connection, template, 6)
    factories.start(stream)

    send_all(connection)

    connection.refresh_from_db()
    assert (connection.state, connection.state_code) == (ConnectionState.PAUSED, "not_connected")
    assert states_of(stream) == {DispatchState.RETRY_WAIT: 6}
    assert set(Message.objects.values_list("attempt", flat=True)) == {0}


def test_two_campaigns_of_a_number_share_it(
    connection: Connection, template: Template, settings: Any
) -> None:
    settings.SEND_CLAIM = 20
    settings.SEND_SLICE_SECONDS = 0
    one, two = (factories.a_run(connection, template, 30) for _ in range(2))
    for stream in (one, two):
        factories.start(stream)
    from messaging.dispatch.claim import Claim

    claimed = Claim(connection.pk, lanes.RUNS).take(20)

    assert sorted(
        [item.stream_id for item in claimed].count(stream.pk) for stream in (one, two)
    ) == [10, 10]


def test_marketing_without_consent_is_skipped_with_the_reason(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    people = factories.contacts(2)
    Consent.objects.filter(contact=people[0]).delete()
    stream = factories.a_run(connection, template, people=people, purpose="marketing")
    factories.start(stream)

    send_all(connection)

    skipped = Message.objects.get(stream=stream, contact=people[0])
    assert (skipped.dispatch, skipped.code) == (DispatchState.SKIPPED, "no_consent")
    assert (skipped.trace["decision"], skipped.trace["code"]) == ("deny", "no_consent")
    assert len(ledger(sandbox)) == 1


def test_the_rate_holds_over_slices(
    connection: Connection, template: Template, sandbox: Handle, settings: Any
) -> None:
    settings.SEND_SLICE_SECONDS = 1
    connection.rate_per_second = 20
    connection.save()
    stream = factories.a_run(connection, template, 100)
    factories.start(stream)

    send_all(connection)

    assert 15 <= len(ledger(sandbox)) <= 26
    assert Stream.objects.get().state == "running"
    assert set(states_of(stream)) <= {DispatchState.ACCEPTED, *WAITING}


def test_a_slice_ends_although_something_is_always_in_flight(
    connection: Connection, template: Template, sandbox: Handle, settings: Any
) -> None:
    settings.SEND_SLICE_SECONDS = 0.5
    connection.rate_per_second = 40
    connection.save()
    sandbox.http.post(
        "/_sandbox/faults",
        json={
            "provider": "meta",
            "rules": [{"when": {"path": "/messages"}, "do": "slow", "seconds": 0.4}],
        },
    ).raise_for_status()
    stream = factories.a_run(connection, template, 100)
    factories.start(stream)

    send_all(connection)

    assert 15 <= len(ledger(sandbox)) <= 36
    assert set(states_of(stream)) <= {DispatchState.ACCEPTED, *WAITING}


def test_one_request_that_hangs_does_not_keep_the_others_waiting(
    connection: Connection,
    template: Template,
    sandbox: Handle,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SEND_SLICE_SECONDS = 0.2
    monkeypatch.setattr(pump_module, "DRAIN_SECONDS", 0.3)
    monkeypatch.setattr(pump_module, "HANG_SECONDS", 1.5)
    connection.rate_per_second = 20
    connection.save()
    sandbox.http.post(
        "/_sandbox/faults",
        json={
            "provider": "meta",
            "rules": [{"when": {"path": "/messages"}, "do": "slow", "seconds": 4, "times": 1}],
        },
    ).raise_for_status()
    stream = factories.a_run(connection, template, 200)
    factories.start(stream)

    began = time.monotonic()
    send_all(connection)

    # What leaves in the slice is at most the burst and its rate: 4 + 4.
    assert len(ledger(sandbox)) > 12
    assert time.monotonic() - began < 4
    states = states_of(stream)
    assert states[DispatchState.SENDING] == 1  # its lease runs out, and the sweeper sees to it
    assert set(states) <= {DispatchState.ACCEPTED, *WAITING, DispatchState.SENDING}


def test_one_person_is_not_written_to_faster_than_the_pair_rate(
    connection: Connection, sandbox: Handle
) -> None:
    """Meta: one message in six seconds to a person, of which 45 may be borrowed."""
    sandbox.http.post(
        "/_sandbox/settings",
        json={"enforce_window": False, "pair_rate": True, "pair_burst": 45},
    ).raise_for_status()
    [person] = factories.contacts(1)
    [other] = factories.contacts(1)
    for _ in range(50):
        factories.an_outgoing(connection, person)
    factories.an_outgoing(connection, other)
    Thread.objects.update(window_until=timezone.now() + timedelta(hours=1))

    for _ in range(2):
        pump(lanes.REPLIES, str(connection.pk))

    to_person = Message.objects.filter(contact=person)
    held = to_person.filter(dispatch=DispatchState.QUEUED)
    assert to_person.filter(dispatch=DispatchState.ACCEPTED).count() == 45
    assert set(held.values_list("code", "attempt")) == {("pair_rate", 0)}
    waits = [(row.due_at - timezone.now()).total_seconds() for row in held if row.due_at]
    assert len(waits) == 5
    assert all(0 < wait <= 6.5 for wait in waits)
    assert Message.objects.get(contact=other).dispatch == DispatchState.ACCEPTED


def test_a_person_that_the_provider_holds_back_waits_and_fails_not(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    fail_with(sandbox, "error:131056", path="/messages")
    stream = factories.a_run(connection, template, 2)
    factories.start(stream)
    send_all(connection)

    rows = Message.objects.filter(stream=stream)
    assert set(rows.values_list("dispatch", "attempt")) == {(DispatchState.RETRY_WAIT, 0)}
    assert min(row.due_at for row in rows if row.due_at) > timezone.now() + timedelta(seconds=5)
    connection.refresh_from_db()
    assert connection.state == ConnectionState.ACTIVE


def test_a_run_keeps_its_own_pace_and_others_theirs(
    connection: Connection, template: Template, settings: Any
) -> None:
    settings.SEND_SLICE_SECONDS = 0.5
    slow, fast = (factories.a_run(connection, template, 60) for _ in range(2))
    Stream.objects.filter(pk=slow.pk).update(rate_per_minute=1_200)
    for stream in (slow, fast):
        factories.start(stream)

    send_all(connection)

    assert states_of(fast) == {DispatchState.ACCEPTED: 60}
    assert 10 <= states_of(slow)[DispatchState.ACCEPTED] <= 21
    assert set(states_of(slow)) == {DispatchState.ACCEPTED, DispatchState.PLANNED}


def test_a_run_that_used_up_its_pace_is_due_again_a_moment_later(
    connection: Connection, template: Template
) -> None:
    stream = factories.a_run(connection, template, 5)
    Stream.objects.filter(pk=stream.pk).update(rate_per_minute=6)
    factories.start(stream)
    send_all(connection)

    assert states_of(stream) == {DispatchState.ACCEPTED: 1, DispatchState.PLANNED: 4}
    [(_, due_at)] = lanes.due(lanes.RUNS, None)
    assert timedelta(seconds=8) < due_at - timezone.now() <= timedelta(seconds=10)


def test_a_slice_that_is_asked_to_stop_gives_back_what_it_has_not_begun(
    connection: Connection, template: Template, sandbox: Handle, settings: Any
) -> None:
    settings.SEND_WAVE = 10
    connection.rate_per_second = 40
    connection.save()
    sandbox.http.post(
        "/_sandbox/faults",
        json={
            "provider": "meta",
            "rules": [{"when": {"path": "/messages"}, "do": "slow", "seconds": 0.5}],
        },
    ).raise_for_status()
    stream = factories.a_run(connection, template, 60)
    factories.start(stream)
    asker = Timer(0.2, stopping.ask)
    asker.start()
    began = time.monotonic()
    try:
        send_all(connection)
    finally:
        asker.join()
        stopping.forget()

    assert time.monotonic() - began < 1.5
    states = states_of(stream)
    assert set(states) <= {DispatchState.ACCEPTED, *WAITING}
    assert states[DispatchState.ACCEPTED] == len(ledger(sandbox)) <= 10
    assert not Message.objects.filter(claim_token__isnull=False).exists()


def test_a_process_that_ends_begins_no_slice(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    stream = factories.a_run(connection, template, 3)
    factories.start(stream)
    stopping.ask()
    try:
        send_all(connection)
    finally:
        stopping.forget()
    assert states_of(stream) == {DispatchState.PLANNED: 3}
    assert ledger(sandbox) == []

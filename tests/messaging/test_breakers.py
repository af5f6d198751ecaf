"""Breakers: only what is in trouble pauses, one message goes first afterwards, then all follow."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.enums import ConnectionState
from connections.models import Connection
from connections.providers.base import FailureClass
from connections.services import states
from core import pacing
from core.models import AgendaRow
from events.models import Event
from messaging.agenda import PUMP, TRY_TEMPLATE
from messaging.dispatch import lanes
from messaging.dispatch.claim import Claim
from messaging.dispatch.pump import pump
from messaging.enums import DispatchState, StreamState, TemplateStatus
from messaging.models import Message, Stream, Template
from messaging.services import breakers, streams
from messaging.services.breakers import Trouble
from sandbox.testing import Handle
from tenants.models import Company
from tests.messaging import factories
from tests.messaging.factories import states_of

D = DispatchState


@pytest.fixture
def connection(company: Company, sandbox: Handle, settings: Any) -> Connection:
    settings.SEND_SLICE_SECONDS = 30  # it ends when nothing is due, on a busy machine as well
    return factories.a_connection()


@pytest.fixture
def template(connection: Connection) -> Template:
    return factories.a_template(connection)


def ledger(sandbox: Handle) -> list[dict[str, Any]]:
    return sandbox.http.get("/_sandbox/ledger", params={"limit": 5000}).json()["results"]


def fail_with(sandbox: Handle, fault: str, **rule: Any) -> None:
    rules = [{"when": {"path": "/messages"}, "do": fault, **rule}] if fault else []
    faults = {"provider": "meta", "rules": rules}
    sandbox.http.post("/_sandbox/faults", json=faults).raise_for_status()


def send_all(connection: Connection) -> None:
    pump(lanes.RUNS, str(connection.pk))


def facts(kind: str) -> list[dict[str, Any]]:
    rows = Event.objects.filter(type=kind).order_by("sequence")
    return list(rows.values_list("data", flat=True))


def a_running_run(connection: Connection, template: Template, number: int) -> Stream:
    stream = factories.a_run(connection, template, number)
    factories.start(stream)
    return stream


def seconds_left(connection: Connection) -> float:
    """How long the number still waits."""
    assert connection.paused_until is not None
    return (connection.paused_until - timezone.now()).total_seconds()


def make_due() -> None:
    """The waits of rows and numbers are over."""
    past = timezone.now() - timedelta(seconds=1)
    Message.objects.filter(dispatch__in=[D.QUEUED, D.RETRY_WAIT]).update(due_at=past)
    Connection.objects.filter(paused_until__isnull=False).update(paused_until=past)


class TestNumber:
    def test_each_trip_in_a_row_waits_longer(self, connection: Connection) -> None:
        waits = []
        for _ in range(7):
            assert states.trip(connection, "not_connected", "refused") is True
            connection.refresh_from_db()
            waits.append(seconds_left(connection))
            Connection.objects.update(paused_until=timezone.now())
        for wait, base in zip(waits, (1, 2, 5, 10, 30, 60, 60), strict=True):
            assert base * 0.8 - 0.1 <= wait <= base * 1.2

    def test_a_number_that_waits_already_is_not_tripped_again(self, connection: Connection) -> None:
        states.pause(connection)
        assert states.trip(connection, "not_connected", "") is False

    def test_after_the_pause_exactly_one_message_goes_first(
        self, connection: Connection, template: Template, sandbox: Handle
    ) -> None:
        stream = a_running_run(connection, template, 20)
        Connection.objects.update(is_probing=True)
        runs, others = (Claim(connection.pk, lanes.RUNS) for _ in range(2))

        first = runs.take(20)

        assert len(first) == 1
        assert others.take(20) == []
        assert Claim(connection.pk, lanes.REPLIES).take(20) == []
        assert runs.begin(first) == {first[0].id}
        assert states_of(stream) == {D.SENDING: 1, D.PLANNED: 19}

    def test_when_it_is_accepted_the_others_follow(
        self, connection: Connection, template: Template, sandbox: Handle
    ) -> None:
        stream = a_running_run(connection, template, 20)
        Connection.objects.update(is_probing=True, trips=3)

        send_all(connection)

        connection.refresh_from_db()
        assert (connection.is_probing, connection.trips) == (False, 0)
        assert connection.probe_until is None
        assert states_of(stream) == {D.ACCEPTED: 20}
        assert len(ledger(sandbox)) == 20

    def test_when_it_fails_as_well_the_number_waits_longer(
        self, connection: Connection, template: Template, settings: Any
    ) -> None:
        settings.GRAPH_BASE_URL = "http://127.0.0.1:9/graph"
        settings.OUTBOUND_ALLOWED_PRIVATE = ["127.0.0.1:9"]
        stream = a_running_run(connection, template, 20)
        Connection.objects.update(is_probing=True, trips=3)

        send_all(connection)

        connection.refresh_from_db()
        assert (connection.state, connection.trips) == (ConnectionState.PAUSED, 4)
        assert connection.is_probing is True
        assert states_of(stream) == {D.RETRY_WAIT: 1, D.PLANNED: 19}

    def test_one_that_is_refused_for_its_own_sake_lets_another_go_first(
        self, connection: Connection, template: Template, sandbox: Handle
    ) -> None:
        fail_with(sandbox, "error:131026", times=2)
        stream = a_running_run(connection, template, 5)
        Connection.objects.update(is_probing=True)

        send_all(connection)

        assert states_of(stream) == {D.REJECTED: 2, D.ACCEPTED: 3}
        assert Connection.objects.get().is_probing is False

    def test_what_was_claimed_before_the_trip_does_not_pass_the_canary(
        self, connection: Connection, template: Template
    ) -> None:
        a_running_run(connection, template, 5)
        claim = Claim(connection.pk, lanes.RUNS)
        held = claim.take(5)
        Connection.objects.update(is_probing=True)
        assert claim.begin(held) == set()

    def test_a_slice_that_sends_no_canary_leaves_it_to_others(
        self, connection: Connection, template: Template
    ) -> None:
        a_running_run(connection, template, 2)
        Connection.objects.update(is_probing=True)
        streams.pause(stream_id=Stream.objects.get().pk)
        send_all(connection)
        assert Connection.objects.get().probe_until is None

    def test_an_unreachable_provider_costs_time_and_nobody(
        self, connection: Connection, template: Template, sandbox: Handle, settings: Any
    ) -> None:
        there = settings.GRAPH_BASE_URL, settings.OUTBOUND_ALLOWED_PRIVATE
        settings.GRAPH_BASE_URL = "http://127.0.0.1:9/graph"
        settings.OUTBOUND_ALLOWED_PRIVATE = ["127.0.0.1:9"]
        stream = a_running_run(connection, template, 12)
        for _ in range(3):
            send_all(connection)
            make_due()
        settings.GRAPH_BASE_URL, settings.OUTBOUND_ALLOWED_PRIVATE = there

        send_all(connection)

        assert states_of(stream) == {D.ACCEPTED: 12}
        assert len({item["recipient"] for item in ledger(sandbox)}) == 12

    def test_a_throttle_halves_the_rate_and_fails_nobody(
        self, connection: Connection, template: Template, sandbox: Handle
    ) -> None:
        fail_with(sandbox, "error:130429")
        stream = a_running_run(connection, template, 8)
        send_all(connection)

        granted = pacing.take(breakers.pace_key(connection.pk), rate=1, burst=64, want=64)
        assert len(granted.now) == 32
        assert states_of(stream) == {D.RETRY_WAIT: 8}
        assert Connection.objects.get().is_probing is False

    @pytest.mark.parametrize("code", ["131048", "131064"])
    def test_a_limit_of_the_account_holds_the_number_for_an_hour(
        self, connection: Connection, template: Template, sandbox: Handle, code: str
    ) -> None:
        fail_with(sandbox, f"error:{code}")
        stream = a_running_run(connection, template, 2)
        send_all(connection)

        connection.refresh_from_db()
        assert (connection.state, connection.state_code) == (ConnectionState.PAUSED, code)
        assert 59 * 60 < seconds_left(connection) <= 60 * 60
        assert connection.is_probing is True
        assert states_of(stream) == {D.RETRY_WAIT: 2}

    def test_failures_told_afterwards_are_heeded_as_well(self, connection: Connection) -> None:
        told = Trouble(klass=FailureClass.AUTH, code="190")
        assert breakers.heed(connection=connection, troubles=[told]) is True
        assert Connection.objects.get().state == ConnectionState.STOPPED


class TestTemplate:
    def refuse(self, connection: Connection, template: Template, code: str) -> None:
        breakers.refuse_template(
            connection=connection,
            template_id=template.pk,
            code=code,
            detail="low quality",
            stream_ids=list(Stream.objects.values_list("pk", flat=True)),
        )
        template.refresh_from_db()

    def test_paused_there_it_pauses_here_with_its_runs(
        self, connection: Connection, template: Template, sandbox: Handle
    ) -> None:
        fail_with(sandbox, "error:132015")
        other = factories.a_template(connection, name="other")
        stream = a_running_run(connection, template, 3)
        untouched = a_running_run(connection, other, 1)
        streams.pause(stream_id=untouched.pk)

        send_all(connection)

        template.refresh_from_db()
        assert (template.status, template.pauses) == (TemplateStatus.PAUSED, 1)
        assert template.paused_until is not None
        assert template.paused_until - timezone.now() > timedelta(hours=2, minutes=59)
        assert Stream.objects.get(pk=stream.pk).state == StreamState.PAUSED
        assert states_of(stream) == {D.RETRY_WAIT: 3}
        [fact] = facts("template.refused")
        assert (fact["code"], fact["status"]) == ("132015", "PAUSED")
        assert fact["stream_ids"] == [str(stream.pk)]
        assert Template.objects.get(pk=other.pk).status == TemplateStatus.APPROVED

    def test_three_hours_then_six_then_disabled(
        self, connection: Connection, template: Template
    ) -> None:
        seen = []
        for _ in range(3):
            self.refuse(connection, template, "132015")
            until = template.paused_until
            seen.append(
                (template.status, round((until - timezone.now()) / timedelta(hours=1)))
                if until
                else (template.status, None)
            )
            Template.objects.filter(paused_until__isnull=False).update(paused_until=timezone.now())
            breakers.try_template(template.pk)
        assert seen == [("PAUSED", 3), ("PAUSED", 6), ("DISABLED", None)]

    def test_disabled_there_it_is_disabled_at_once(
        self, connection: Connection, template: Template
    ) -> None:
        self.refuse(connection, template, "132016")
        assert (template.status, template.paused_until) == (TemplateStatus.DISABLED, None)

    def test_values_that_do_not_fit_stop_the_run_and_have_the_template_read_again(
        self, connection: Connection, template: Template
    ) -> None:
        stream = a_running_run(connection, template, 1)
        self.refuse(connection, template, "132000")
        assert template.status == TemplateStatus.APPROVED
        assert Stream.objects.get(pk=stream.pk).state == StreamState.PAUSED
        assert AgendaRow.objects.filter(kind="messaging.sync_templates").exists()

    def test_many_refusals_are_one_pause_and_one_fact(
        self, connection: Connection, template: Template
    ) -> None:
        for _ in range(4):
            self.refuse(connection, template, "132015")
        assert template.pauses == 1
        assert len(facts("template.refused")) == 1

    def test_when_its_time_is_over_it_may_be_tried_again(
        self, connection: Connection, template: Template
    ) -> None:
        self.refuse(connection, template, "132015")
        [row] = AgendaRow.objects.filter(kind=TRY_TEMPLATE)
        assert (row.key, row.due_at) == (str(template.pk), template.paused_until)
        assert breakers.paused_templates(None) == [(str(template.pk), template.paused_until)]
        breakers.try_template(template.pk)
        assert facts("template.recovered") == []

        Template.objects.update(paused_until=timezone.now())
        breakers.try_template(template.pk)

        template.refresh_from_db()
        assert (template.status, template.paused_until) == (TemplateStatus.APPROVED, None)
        assert facts("template.recovered") == [{"template_id": str(template.pk)}]
        assert breakers.paused_templates(None) == []

    def test_the_providers_word_opens_it_before_its_time(
        self, connection: Connection, template: Template
    ) -> None:
        self.refuse(connection, template, "132015")
        Template.objects.update(status=TemplateStatus.APPROVED)
        breakers.follow_template(template.pk)
        template.refresh_from_db()
        assert template.paused_until is None
        assert len(facts("template.recovered")) == 1

    def test_a_pause_that_the_provider_tells_has_an_end_too(
        self, connection: Connection, template: Template
    ) -> None:
        Template.objects.update(status=TemplateStatus.PAUSED)
        for _ in range(2):
            breakers.follow_template(template.pk)
        template.refresh_from_db()
        assert template.paused_until is not None
        assert (template.pauses, len(facts("template.refused"))) == (1, 1)


class TestRun:
    def with_outcomes(self, connection: Connection, template: Template, outcomes: str) -> Stream:
        """A running run whose last outcomes were accepted (a), rejected (r), failed afterwards
        (f) or rejected for an opt-out (o), the latest last."""
        stream = a_running_run(connection, template, len(outcomes))
        stream.refresh_from_db()
        begin = timezone.now()
        rows = Message.objects.filter(stream=stream).order_by("id")
        for index, (row, outcome) in enumerate(zip(rows, outcomes, strict=True)):
            row.dispatch = D.ACCEPTED if outcome in "af" else D.REJECTED
            row.failed_at = begin if outcome == "f" else None
            row.opted_out_at = begin if outcome == "o" else None
            row.code = {"a": "", "r": "131026", "f": "131049", "o": "131050"}[outcome]
            row.epoch, row.at = stream.epoch, begin + timedelta(seconds=index)
            row.save()
        return stream

    @pytest.mark.parametrize(
        ("outcomes", "state"),
        [
            ("a" * 40 + "r" * 10, StreamState.RUNNING),
            ("a" * 39 + "r" * 11, StreamState.PAUSED),
            ("a" * 39 + "r" * 5 + "f" * 6, StreamState.PAUSED),
            ("a" * 39 + "o" * 11, StreamState.RUNNING),
            ("r" * 30 + "a" * 50, StreamState.RUNNING),
            # Not fifty yet: only where the last twenty all failed, and for one reason.
            ("r" * 19, StreamState.RUNNING),
            ("r" * 30, StreamState.PAUSED),
            ("a" * 10 + "r" * 20, StreamState.PAUSED),
            ("r" * 29 + "a", StreamState.RUNNING),
            ("rf" * 12, StreamState.RUNNING),
            ("r" * 20 + "o" * 20, StreamState.PAUSED),
        ],
    )
    def test_it_pauses_when_too_many_of_its_last_outcomes_failed(
        self, connection: Connection, template: Template, outcomes: str, state: StreamState
    ) -> None:
        stream = self.with_outcomes(connection, template, outcomes)
        breakers.look_at_runs([stream.pk])
        assert Stream.objects.get().state == state

    def test_it_says_why(self, connection: Connection, template: Template) -> None:
        stream = self.with_outcomes(connection, template, "a" * 35 + "rf" * 7 + "r")
        breakers.look_at_runs([stream.pk])
        assert facts("stream.troubled") == [
            {
                "stream_id": str(stream.pk),
                "code": "too_many_failures",
                "causes": {"131026": 8, "131049": 7},
            }
        ]

    def test_what_somebody_has_looked_at_does_not_stop_it_again(
        self, connection: Connection, template: Template
    ) -> None:
        stream = self.with_outcomes(connection, template, "a" * 30 + "r" * 20)
        breakers.look_at_runs([stream.pk])
        streams.resume(stream_id=stream.pk)
        breakers.look_at_runs([stream.pk])
        assert Stream.objects.get().state == StreamState.RUNNING

    def test_failures_told_afterwards_are_found_by_the_next_count(
        self, connection: Connection, template: Template
    ) -> None:
        stream = self.with_outcomes(connection, template, "a" * 30 + "f" * 20)
        breakers.recount(stream.pk)
        assert Stream.objects.get().state == StreamState.PAUSED

    def test_a_wave_of_failures_stops_it_at_once(
        self, connection: Connection, template: Template, sandbox: Handle, settings: Any
    ) -> None:
        settings.SEND_FAST_WAVE = 60  # the number is one of the fast
        fail_with(sandbox, "error:131026")
        stream = a_running_run(connection, template, 400)
        send_all(connection)

        assert Stream.objects.get().state == StreamState.PAUSED
        assert 20 <= states_of(stream)[D.REJECTED] <= 20 + settings.SEND_FAST_WAVE + 30

    def test_resumed_one_message_goes_first_and_then_the_others(
        self, connection: Connection, template: Template, sandbox: Handle
    ) -> None:
        stream = a_running_run(connection, template, 10)
        streams.probe(stream_id=stream.pk)
        claim = Claim(connection.pk, lanes.RUNS)
        held = claim.take(10)
        assert len(held) == 1
        assert Claim(connection.pk, lanes.RUNS).take(10) == []
        claim.give_back([item.id for item in held])
        claim.allowances.release([])

        send_all(connection)

        stream.refresh_from_db()
        assert (stream.is_probing, stream.probe_until) == (False, None)
        assert states_of(stream) == {D.ACCEPTED: 10}

    def test_other_runs_do_not_wait_for_its_canary(
        self, connection: Connection, template: Template
    ) -> None:
        troubled, sound = (a_running_run(connection, template, 4) for _ in range(2))
        streams.probe(stream_id=troubled.pk)
        claimed = Claim(connection.pk, lanes.RUNS).take(10)
        of_runs = [item.stream_id for item in claimed]
        assert (of_runs.count(troubled.pk), of_runs.count(sound.pk)) == (1, 4)

    def test_a_canary_that_never_comes_back_is_replaced(
        self, connection: Connection, template: Template
    ) -> None:
        stream = a_running_run(connection, template, 4)
        streams.probe(stream_id=stream.pk)
        Claim(connection.pk, lanes.RUNS).take(10)
        [(_, due_at)] = lanes.due(lanes.RUNS, None)
        assert due_at > timezone.now() + timedelta(seconds=30)
        Stream.objects.update(probe_until=timezone.now())
        assert len(Claim(connection.pk, lanes.RUNS).take(10)) == 1

    def test_a_recovered_run_wakes_its_senders(
        self, connection: Connection, template: Template
    ) -> None:
        stream = a_running_run(connection, template, 4)
        streams.probe(stream_id=stream.pk)
        AgendaRow.objects.all().delete()
        streams.recover(stream_id=stream.pk)
        assert list(AgendaRow.objects.values_list("kind", "key")) == [(PUMP, str(connection.pk))]


def test_marketing_held_back_waits_a_day_and_counts_an_attempt(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    fail_with(sandbox, "error:131049")
    stream = a_running_run(connection, template, 1)
    for _ in range(2):
        send_all(connection)

    row = Message.objects.get(stream=stream)
    assert (row.dispatch, row.code, row.attempt) == (D.RETRY_WAIT, "131049", 1)
    assert row.due_at is not None
    assert row.due_at - timezone.now() > timedelta(hours=23, minutes=59)
    assert ledger(sandbox) == []


def test_a_closed_window_stays_refused(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    fail_with(sandbox, "error:131047")
    stream = a_running_run(connection, template, 1)
    send_all(connection)
    assert states_of(stream) == {D.REJECTED: 1}
    assert Stream.objects.get().state == StreamState.RUNNING

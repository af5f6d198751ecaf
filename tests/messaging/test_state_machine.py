"""A row moves only as the table of transitions allows, whatever happens in whatever order."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connections.models import Connection
from connections.providers.base import FailureClass, SendError, SendResult
from connections.providers.base import Receipt as Told
from messaging import gate
from messaging.dispatch import lanes, outcomes, sweep
from messaging.dispatch.claim import Claim, Claimed
from messaging.dispatch.record import record
from messaging.dispatch.wire import Answer
from messaging.enums import TRANSITIONS, DispatchState
from messaging.models import Message
from messaging.services import receipts, streams
from tenants.models import Company
from tests.messaging import factories

ERRORS = [SendError(klass, "code") for klass in FailureClass]
STEPS = ["claim", "begin", "give_back", "skip", "delay", "accept", "receipt", "cancel", "expire"]
STEPS += ["wait_over", "pause", "resume", *(f"error {klass.value}" for klass in FailureClass)]


class Life:
    """One recipient of one run, and everything that can happen to it."""

    def __init__(self, connection: Connection) -> None:
        template = factories.a_template(connection)
        self.connection = connection
        self.stream = factories.a_run(connection, template, 1)
        factories.start(self.stream)
        self.claim = Claim(connection.pk, lanes.RUNS)
        self.held: list[Claimed] = []

    def row(self) -> Message:
        return Message.objects.get(stream=self.stream)

    def do(self, step: str) -> None:
        name, _, argument = step.partition(" ")
        getattr(self, f"do_{name}")(*([argument] if argument else []))

    def do_claim(self) -> None:
        Message.objects.filter(
            stream=self.stream, dispatch__in=[DispatchState.QUEUED, DispatchState.RETRY_WAIT]
        ).update(due_at=timezone.now() - timedelta(seconds=1))
        self.held = self.claim.take(10) or self.held

    def do_begin(self) -> None:
        if self.held:
            self.claim.begin(self.held)

    def do_give_back(self) -> None:
        self.claim.give_back([item.id for item in self.held])

    def do_skip(self) -> None:
        self.claim.stop({item.id: gate.deny("opted_out") for item in self.held})

    def do_delay(self) -> None:
        until = timezone.now() + timedelta(hours=1)
        self.claim.stop({item.id: gate.delay("connection_paused", until) for item in self.held})

    def do_accept(self) -> None:
        self._answer(SendResult(f"wamid.{self.row().send_key}"))

    def do_error(self, klass: str) -> None:
        self._answer(SendError(FailureClass(klass), "code"))

    def _answer(self, outcome: Any) -> None:
        now = timezone.now()
        judged = [
            outcomes.judge(item, Answer(item.id, outcome), now, wait_seconds=900)
            for item in self.held
        ]
        items = {item.id: item for item in self.held}
        record(judged, items, self.claim.token, wait_seconds=900)

    def do_receipt(self) -> None:
        row = self.row()
        told = Told(
            number_id="",
            account_id="",
            external_id=f"wamid.{row.send_key}",
            kind="delivered",
            at=timezone.now(),
            send_key=str(row.send_key),
        )
        receipts.apply(connection=self.connection, receipts=[told])

    def do_cancel(self) -> None:
        streams.cancel(stream_id=self.stream.pk)
        streams.cancel_rows(stream_id=self.stream.pk)

    def do_expire(self) -> None:
        past = timezone.now() - timedelta(seconds=1)
        Message.objects.filter(stream=self.stream, lease_until__isnull=False).update(
            lease_until=past
        )
        sweep.sweep("")

    def do_wait_over(self) -> None:
        Message.objects.filter(stream=self.stream, dispatch=DispatchState.UNKNOWN).update(
            due_at=timezone.now() - timedelta(seconds=1)
        )
        sweep.sweep("")

    def do_pause(self) -> None:
        if not self._is_closed():
            streams.pause(stream_id=self.stream.pk)

    def do_resume(self) -> None:
        if not self._is_closed():
            streams.resume(stream_id=self.stream.pk)

    def _is_closed(self) -> bool:
        self.stream.refresh_from_db()
        return self.stream.state == "closed"


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=14))
def test_every_change_is_in_the_table(company: Company, steps: list[str]) -> None:
    with transaction.atomic():
        live(Life(factories.a_connection()), steps)
        transaction.set_rollback(True)


def live(life: Life, steps: list[str]) -> None:
    """Do the steps, and compare each change of the row with the table."""
    before = life.row().dispatch
    history = [before]
    for step in steps:
        life.do(step)
        after = life.row().dispatch
        history.append(f"{step}: {after}")
        following = TRANSITIONS.get(DispatchState(before), frozenset())
        assert after == before or after in following, history
        before = after

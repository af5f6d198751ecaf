"""A failure told afterwards: another attempt on the same row, or the end of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connections.enums import ConnectionState
from connections.models import Connection
from connections.providers.base import FailureClass
from connections.providers.base import Receipt as Told
from core.models import AgendaRow
from events.models import Event
from messaging.agenda import REPLY
from messaging.delivery import RANKS
from messaging.dispatch import lanes, outcomes
from messaging.dispatch.claim import Claim
from messaging.enums import DispatchState, PublicState, Rank
from messaging.models import Message, Receipt
from messaging.selectors import public_state
from messaging.services import receipts, streams
from tenants.models import Company
from tests.messaging import factories

NOW = timezone.now()
DAY = 86_400.0


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


def told(message: Message, kind: str, attempt: int = 1, **fields: Any) -> Told:
    return Told(
        number_id=factories.NUMBER,
        account_id=factories.ACCOUNT,
        external_id=f"wamid.{attempt}",
        kind=kind,
        at=NOW + timedelta(seconds=attempt),
        send_key=str(message.send_key),
        attempt=attempt,
        **fields,
    )


def failed(
    message: Message,
    attempt: int = 1,
    klass: FailureClass = FailureClass.RETRYABLE,
    code: str = "131000",
    **fields: Any,
) -> Told:
    return told(message, "failed", attempt, klass=klass, code=code, detail="words", **fields)


def sent(connection: Connection, attempt: int = 1, **fields: Any) -> Message:
    defaults = {
        "dispatch": DispatchState.ACCEPTED,
        "external_id": f"wamid.{attempt}",
        "attempt": attempt,
        "accepted_at": NOW,
    }
    return factories.an_outgoing(connection, **{**defaults, **fields})


def apply(message: Message, *told_now: Told) -> Message:
    with TestCase.captureOnCommitCallbacks(execute=True):
        receipts.apply(connection=message.connection, receipts=told_now)
    message.refresh_from_db()
    return message


def send_again(message: Message) -> Message:
    """The next attempt leaves and is accepted."""
    Message.objects.filter(pk=message.pk).update(due_at=NOW - timedelta(seconds=1))
    claim = Claim(message.connection_id, lanes.REPLIES)
    held = claim.take(10)
    assert claim.begin(held) == {message.pk}
    Message.objects.filter(pk=message.pk).update(
        dispatch=DispatchState.ACCEPTED, external_id=f"wamid.{held[0].attempt}"
    )
    message.refresh_from_db()
    return message


def test_a_passing_failure_leaves_again_under_a_new_number(connection: Connection) -> None:
    message = sent(connection)
    apply(message, told(message, "sent"), failed(message))

    assert (message.dispatch, message.attempt, message.external_id) == (
        DispatchState.RETRY_WAIT,
        1,
        None,
    )
    assert (message.code, message.failed_at, public_state(message)) == (
        "131000",
        None,
        PublicState.QUEUED,
    )
    assert AgendaRow.objects.filter(kind=REPLY, due_at=message.due_at).exists()
    assert send_again(message).attempt == 2


def test_a_late_sent_of_a_failed_attempt_does_not_settle_it(connection: Connection) -> None:
    message = sent(connection)
    apply(message, failed(message))
    apply(message, told(message, "sent"))

    assert (message.dispatch, message.rank) == (DispatchState.RETRY_WAIT, Rank.SENT)


def test_a_late_delivery_of_a_failed_attempt_keeps_it_from_leaving_again(
    connection: Connection,
) -> None:
    message = sent(connection)
    apply(message, failed(message))
    apply(message, told(message, "delivered"))

    assert (message.dispatch, public_state(message), message.code) == (
        DispatchState.ACCEPTED,
        PublicState.DELIVERED,
        "",
    )


def test_receipts_of_an_older_attempt_are_history(connection: Connection) -> None:
    message = sent(connection)
    apply(message, failed(message))
    send_again(message)
    apply(message, told(message, "sent"), failed(message, code="131026"))
    apply(message, told(message, "sent", 2))

    assert (public_state(message), message.attempt) == (PublicState.SENT, 2)
    assert sorted(Receipt.objects.values_list("kind", "attempt")) == [
        ("failed", 1),
        ("sent", 1),
        ("sent", 2),
    ]


def test_a_late_failure_of_an_attempt_that_was_followed_is_history(connection: Connection) -> None:
    message = sent(connection, attempt=2)
    apply(message, failed(message, 1, FailureClass.REJECTED, "131026"))

    assert (public_state(message), message.code) == (PublicState.SENT, "")


def test_a_repeated_failure_is_one_failure(connection: Connection) -> None:
    message = sent(connection)
    for _ in range(3):
        apply(message, failed(message))
    assert (message.dispatch, message.attempt) == (DispatchState.RETRY_WAIT, 1)
    send_again(message)
    apply(message, failed(message))

    assert (message.dispatch, message.attempt) == (DispatchState.ACCEPTED, 2)


def test_the_fifth_failure_is_the_last(connection: Connection) -> None:
    message = sent(connection, attempt=5)
    apply(message, failed(message, 5))

    assert (message.dispatch, public_state(message), message.code) == (
        DispatchState.ACCEPTED,
        PublicState.FAILED,
        "131000",
    )


@pytest.mark.parametrize("klass", [FailureClass.REJECTED, FailureClass.OPTED_OUT, None])
def test_what_cannot_be_mended_is_final(connection: Connection, klass: FailureClass | None) -> None:
    message = sent(connection)
    apply(message, told(message, "failed", klass=klass, code="131026"))

    assert (public_state(message), message.code) == (PublicState.FAILED, "131026")


def test_a_failure_that_asks_for_a_day_waits_a_day(connection: Connection) -> None:
    message = sent(connection)
    apply(message, failed(message, code="131049", retry_after=DAY))

    assert message.due_at is not None
    assert message.due_at - timezone.now() > timedelta(hours=23, minutes=59)


def test_there_is_no_attempt_after_the_end_of_its_time(connection: Connection) -> None:
    message = sent(connection, expires_at=NOW + timedelta(hours=23))
    apply(message, failed(message, code="131049", retry_after=DAY))

    assert public_state(message) == PublicState.FAILED


def test_a_run_that_has_ended_sends_nothing_again(connection: Connection) -> None:
    stream = factories.a_run(connection, factories.a_template(connection), 2)
    factories.start(stream)
    first, second = Message.objects.filter(stream=stream).order_by("pk")
    for row in (first, second):
        row.dispatch, row.attempt = DispatchState.ACCEPTED, 1
        row.save()
    apply(first, failed(first))
    assert first.dispatch == DispatchState.RETRY_WAIT

    streams.cancel(stream_id=stream.pk)
    apply(second, failed(second))
    assert public_state(second) == PublicState.FAILED


def test_a_throttle_told_afterwards_slows_the_number(connection: Connection) -> None:
    message = sent(connection)
    apply(
        message,
        failed(message, klass=FailureClass.THROTTLED, code="131048", retry_after=3600.0),
    )
    connection.refresh_from_db()

    assert (connection.state, connection.state_code) == (ConnectionState.PAUSED, "131048")
    assert message.dispatch == DispatchState.RETRY_WAIT


def test_a_refusal_of_the_account_told_afterwards_stops_the_number(
    connection: Connection,
) -> None:
    message = sent(connection)
    apply(message, failed(message, klass=FailureClass.AUTH, code="131042"))
    connection.refresh_from_db()

    assert (connection.state, connection.state_code) == (ConnectionState.STOPPED, "131042")
    assert message.dispatch == DispatchState.RETRY_WAIT


def test_a_refused_template_is_told_once_with_its_runs(connection: Connection) -> None:
    template = factories.a_template(connection)
    stream = factories.a_run(connection, template, 3)
    factories.start(stream)
    rows = list(Message.objects.filter(stream=stream))
    Message.objects.filter(stream=stream).update(dispatch=DispatchState.ACCEPTED, attempt=1)
    refusals = [failed(row, klass=FailureClass.TEMPLATE, code="132015") for row in rows]
    with TestCase.captureOnCommitCallbacks(execute=True):
        receipts.apply(connection=connection, receipts=refusals)

    event = Event.objects.get(type="template.refused")
    assert (event.data["template_id"], event.data["stream_ids"], event.data["code"]) == (
        str(template.pk),
        [str(stream.pk)],
        "132015",
    )
    assert factories.states_of(stream) == {DispatchState.RETRY_WAIT: 3}


def test_a_failure_after_the_delivery_is_history(connection: Connection) -> None:
    message = sent(connection)
    apply(message, told(message, "delivered"))
    apply(message, failed(message))

    assert (message.dispatch, public_state(message), message.failed_at) == (
        DispatchState.ACCEPTED,
        PublicState.DELIVERED,
        None,
    )
    assert Receipt.objects.get(kind="failed").code == "131000"


class Story:
    """A message, what left of it and what was told, in any order."""

    def __init__(self, connection: Connection) -> None:
        self.message = sent(connection)
        self.left = [1]
        self.told: set[tuple[str, int]] = set()
        self.ranks = [0]

    def tell(self, kinds: list[str], attempt: int) -> None:
        """A callback about an attempt that left; a failure of it may pass."""
        known = self.left[min(attempt, len(self.left)) - 1]
        self.told |= {(kind, known) for kind in kinds}
        said = [
            failed(self.message, known) if kind == "failed" else told(self.message, kind, known)
            for kind in kinds
        ]
        apply(self.message, *said)
        self.ranks.append(self.message.rank)

    def try_again(self) -> None:
        """The sender's turn, when everything is due."""
        Message.objects.filter(pk=self.message.pk).update(due_at=NOW - timedelta(seconds=1))
        claim = Claim(self.message.connection_id, lanes.REPLIES)
        held = claim.take(10)
        if claim.begin(held):
            self.left.append(held[0].attempt)
            Message.objects.filter(pk=self.message.pk).update(
                dispatch=DispatchState.ACCEPTED, external_id=f"wamid.{held[0].attempt}"
            )
        self.message.refresh_from_db()

    @property
    def highest(self) -> int:
        """The highest rank ever told, of whatever attempt."""
        return max([0, *(RANKS.get(kind, 0) for kind, _ in self.told)])


def stories(kinds: list[str]) -> st.SearchStrategy[list[tuple[list[str], int] | None]]:
    """Callbacks about attempts (those that left), and the sender's turns."""
    callback = st.tuples(
        st.lists(st.sampled_from(kinds), min_size=1, max_size=3), st.integers(1, 6)
    )
    return st.lists(st.one_of(callback, st.none()), min_size=2, max_size=12)


UNDELIVERED = ["sent", "failed", "deleted"]
STORIES = st.one_of(stories(UNDELIVERED), stories([*UNDELIVERED, "delivered", "read", "played"]))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STORIES)
def test_whatever_is_told_of_whatever_attempt_nothing_moves_back(
    connection: Connection, steps: list[tuple[list[str], int] | None]
) -> None:
    Message.objects.all().delete()
    story = Story(connection)
    for step in steps:
        was_delivered = story.message.rank >= Rank.DELIVERED
        left = len(story.left)
        if step is None:
            story.try_again()
        else:
            story.tell(*step)
        assert not (was_delivered and len(story.left) > left)

    message = story.message
    assert story.ranks == sorted(story.ranks)
    assert message.rank == story.highest
    assert story.left == list(range(1, len(story.left) + 1))
    assert len(story.left) <= outcomes.MAX_ATTEMPTS
    assert set(Receipt.objects.values_list("kind", "attempt")) == story.told
    last_failed = ("failed", story.left[-1]) in story.told
    waits = message.dispatch == DispatchState.RETRY_WAIT
    has_failed = public_state(message) == PublicState.FAILED
    assert (waits or has_failed) == (last_failed and story.highest < Rank.DELIVERED)

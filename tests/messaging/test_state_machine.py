"""A row moves only as the table of transitions allows, whatever happens in whatever order."""

from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
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

PEOPLE = 3
# What happens often stands here often: without a claim and a begin the rest says little.
OFTEN = {"claim": 4, "begin": 4, "send": 4, "error": 4, "pause": 3, "resume": 3, "lease_over": 3}
SELDOM = ["accept", "give_back", "skip", "delay", "crash", "receipt", "wait_over", "probe"]
SELDOM += ["cancel", "time_over"]
VERBS = [verb for verb, weight in OFTEN.items() for _ in range(weight)] + SELDOM
STEPS = st.tuples(st.sampled_from(VERBS), st.sampled_from([0, 0, 1]), st.sampled_from(FailureClass))
Step = tuple[str, int, FailureClass]


class Life:
    """Some recipients of one run, two senders, and everything that can happen to them.

    `unclear` holds who may have got the message; nobody of them may leave again.
    """

    def __init__(self, connection: Connection) -> None:
        template = factories.a_template(connection)
        self.connection = connection
        self.stream = factories.a_run(connection, template, PEOPLE)
        factories.start(self.stream)
        self.claims = [Claim(connection.pk, lanes.RUNS) for _ in range(2)]
        self.held: list[list[Claimed]] = [[], []]
        self.unclear: set[UUID] = set()

    def rows(self) -> dict[UUID, str]:
        """Each row's dispatch state."""
        return dict(Message.objects.filter(stream=self.stream).values_list("pk", "dispatch"))

    def do(self, step: Step) -> None:
        verb, worker, klass = step
        match verb:
            case "error":
                self.error(worker, klass)
            case "claim" | "begin" | "accept" | "give_back" | "skip" | "delay" | "crash":
                getattr(self, verb)(worker)
            case _:
                getattr(self, verb)()

    def claim(self, worker: int) -> None:
        claimable = [DispatchState.QUEUED, DispatchState.RETRY_WAIT]
        Message.objects.filter(stream=self.stream, dispatch__in=claimable).update(
            due_at=timezone.now() - timedelta(seconds=1)
        )
        self.held[worker] += self.claims[worker].take(2)

    def begin(self, worker: int) -> None:
        going = self.claims[worker].begin(self.held[worker])
        assert not going & self.unclear  # nobody is written to twice
        self.unclear |= going
        self.stream.refresh_from_db()
        if going:
            assert self.stream.state == "running"
            assert self.stream.expires_at is not None
            assert self.stream.expires_at > timezone.now()

    def give_back(self, worker: int) -> None:
        self.claims[worker].give_back([item.id for item in self.held[worker]])

    def crash(self, worker: int) -> None:
        """Another process takes the sender's place, with a claim of its own."""
        self.claims[worker] = Claim(self.connection.pk, lanes.RUNS)
        self.held[worker] = []

    def skip(self, worker: int) -> None:
        held = self.held[worker]
        self.claims[worker].stop({item.id: gate.deny("opted_out") for item in held})

    def delay(self, worker: int) -> None:
        until = timezone.now() + timedelta(hours=1)
        held = self.held[worker]
        self.claims[worker].stop({item.id: gate.delay("paused", until) for item in held})

    def accept(self, worker: int) -> None:
        self._answer(worker, lambda item: SendResult(f"wamid.{item.send_key}"))

    def error(self, worker: int, klass: FailureClass) -> None:
        before = self.rows()
        self._answer(worker, lambda _: SendError(klass, "code"))
        if klass != FailureClass.AMBIGUOUS:  # proof that nothing was accepted
            self.unclear -= {
                pk
                for pk, dispatch in self.rows().items()
                if before[pk] == DispatchState.SENDING and dispatch != before[pk]
            }

    def _answer(self, worker: int, answer: Callable[[Claimed], SendResult | SendError]) -> None:
        now = timezone.now()
        items = {item.id: item for item in self.held[worker]}
        judged = [
            outcomes.judge(item, Answer(item.id, answer(item)), now, wait_seconds=900)
            for item in items.values()
        ]
        record(judged, items, self.claims[worker].token, wait_seconds=900)

    def receipt(self) -> None:
        keys = Message.objects.filter(pk__in=self.unclear).values_list("send_key", flat=True)
        told = [
            Told(
                number_id="",
                account_id="",
                external_id=f"wamid.{send_key}",
                kind="delivered",
                at=timezone.now(),
                send_key=str(send_key),
            )
            for send_key in keys
        ]
        receipts.apply(connection=self.connection, receipts=told)

    def cancel(self) -> None:
        streams.cancel(stream_id=self.stream.pk)
        streams.cancel_rows(stream_id=self.stream.pk)

    def lease_over(self) -> None:
        past = timezone.now() - timedelta(seconds=1)
        Message.objects.filter(stream=self.stream, lease_until__isnull=False).update(
            lease_until=past
        )
        sweep.sweep("")

    def wait_over(self) -> None:
        Message.objects.filter(stream=self.stream, dispatch=DispatchState.UNKNOWN).update(
            due_at=timezone.now() - timedelta(seconds=1)
        )
        sweep.sweep("")

    def time_over(self) -> None:
        if not self._is_closed():
            streams.configure(stream_id=self.stream.pk, expires_at=timezone.now())
        sweep.sweep("")

    def probe(self) -> None:
        streams.probe(stream_id=self.stream.pk)

    def pause(self) -> None:
        if not self._is_closed():
            streams.pause(stream_id=self.stream.pk)

    def resume(self) -> None:
        if not self._is_closed():
            streams.resume(stream_id=self.stream.pk)

    def _is_closed(self) -> bool:
        self.stream.refresh_from_db()
        return self.stream.state == "closed"


SWEEPING = ("lease_over", "wait_over", "time_over")


def told(verbs: str) -> list[Step]:
    """What the first sender does, refusals being throttles."""
    return [(verb, 0, FailureClass.THROTTLED) for verb in verbs.split()]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(steps=told("claim pause begin"))
@example(steps=told("claim pause resume begin"))
@example(steps=told("claim time_over begin"))
@example(steps=told("claim time_over lease_over"))
@example(steps=told("send lease_over error send"))
@example(steps=told("send lease_over wait_over claim begin"))
@example(steps=told("send error claim receipt begin"))
@given(steps=st.lists(STEPS, max_size=16))
def test_every_change_is_in_the_table_and_nobody_is_written_to_twice(
    company: Company, steps: list[Step]
) -> None:
    with transaction.atomic():
        live(Life(factories.a_connection()), steps)
        transaction.set_rollback(True)


def following(state: DispatchState, *, is_swept: bool) -> frozenset[DispatchState]:
    """What may come after a state; a sweep takes one that ran out back and ends it if it is late,
    which are two changes."""
    after = TRANSITIONS.get(state, frozenset())
    return after.union(*(TRANSITIONS.get(one, frozenset()) for one in after if is_swept))


def live(life: Life, steps: list[Step]) -> None:
    """Do the steps, and compare each change of each row with the table."""
    before = life.rows()
    for step in chain.from_iterable(map(spelled_out, steps)):
        life.do(step)
        after = life.rows()
        for pk, dispatch in after.items():
            allowed = following(DispatchState(before[pk]), is_swept=step[0] in SWEEPING)
            assert dispatch == before[pk] or dispatch in allowed, step
        before = after


def spelled_out(step: Step) -> list[Step]:
    """To send is to claim and to begin."""
    verb, worker, klass = step
    verbs = ("claim", "begin") if verb == "send" else (verb,)
    return [(each, worker, klass) for each in verbs]

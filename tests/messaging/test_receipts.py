"""Receipts: any order, any repetition, one truth."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connections.models import Connection
from connections.providers.base import FailureClass
from connections.providers.base import Receipt as Told
from core import scope
from crm.models import Consent
from events.models import Event
from messaging.delivery import RANKS
from messaging.dispatch import lanes
from messaging.dispatch.claim import Claim
from messaging.enums import DispatchState, PublicState, Rank
from messaging.models import Message, OrphanReceipt, Receipt
from messaging.selectors import public_state
from messaging.services import receipts
from tenants.models import Company
from tests.messaging import factories

NOW = timezone.now()


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


def told(kind: str, external_id: str = "wamid.1", seconds: float = 0, **fields: Any) -> Told:
    return Told(
        number_id=factories.NUMBER,
        account_id=factories.ACCOUNT,
        external_id=external_id,
        kind=kind,
        at=NOW + timedelta(seconds=seconds),
        **fields,
    )


def sent(connection: Connection, **fields: Any) -> Message:
    defaults = {"dispatch": DispatchState.ACCEPTED, "external_id": "wamid.1"}
    return factories.an_outgoing(connection, **{**defaults, **fields})


def apply(connection: Connection, *given_receipts: Told) -> None:
    receipts.apply(connection=connection, receipts=given_receipts)


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "read"])))
def test_every_order_ends_as_read(connection: Connection, order: tuple[str, ...]) -> None:
    message = sent(connection)
    times = {"sent": 1, "delivered": 2, "read": 3}
    for kind in order:
        apply(connection, told(kind, seconds=times[kind]))
        apply(connection, told(kind, seconds=times[kind] + 10))

    message.refresh_from_db()
    assert (message.rank, public_state(message)) == (Rank.READ, PublicState.READ)
    assert message.sent_at == NOW + timedelta(seconds=1)
    assert message.delivered_at == NOW + timedelta(seconds=2)
    assert message.read_at == NOW + timedelta(seconds=3)


def test_read_implies_delivered(connection: Connection) -> None:
    message = sent(connection)
    apply(connection, told("read", seconds=3))

    message.refresh_from_db()
    assert message.delivered_at == message.read_at == NOW + timedelta(seconds=3)


def test_one_batch_is_folded_to_the_highest(connection: Connection) -> None:
    message = sent(connection)
    apply(connection, *(told(kind) for kind in ("read", "sent", "delivered", "sent")))

    message.refresh_from_db()
    assert message.rank == Rank.READ
    assert sorted(Receipt.objects.values_list("kind", flat=True)) == ["delivered", "read", "sent"]


def test_a_late_sent_does_not_clear_a_failure(connection: Connection) -> None:
    message = sent(connection)
    apply(connection, told("failed", code="131026", detail="Undeliverable"))
    apply(connection, told("sent"))

    message.refresh_from_db()
    assert (public_state(message), message.code) == (PublicState.FAILED, "131026")


@pytest.mark.parametrize("order", [("failed", "delivered"), ("delivered", "failed")])
def test_delivered_wins_over_failed_which_stays_in_the_ledger(
    connection: Connection, order: tuple[str, ...]
) -> None:
    message = sent(connection)
    for kind in order:
        apply(connection, told(kind, code="131026" if kind == "failed" else ""))

    message.refresh_from_db()
    assert (public_state(message), message.code) == (PublicState.DELIVERED, "")
    assert Receipt.objects.get(kind="failed").code == "131026"


@pytest.mark.parametrize(
    "state",
    [
        DispatchState.SENDING,
        DispatchState.UNKNOWN,
        DispatchState.UNCONFIRMED,
        DispatchState.RETRY_WAIT,
        DispatchState.QUEUED,
        DispatchState.CLAIMED,
    ],
)
def test_a_receipt_with_our_key_settles_an_unclear_send(
    connection: Connection, state: DispatchState
) -> None:
    message = sent(connection, dispatch=state, external_id=None, code="no_answer")
    apply(connection, told("sent", "wamid.late", send_key=str(message.send_key)))

    message.refresh_from_db()
    assert (message.dispatch, message.external_id, message.code) == (
        DispatchState.ACCEPTED,
        "wamid.late",
        "",
    )


def test_what_the_provider_proves_to_have_does_not_leave_again(connection: Connection) -> None:
    message = factories.an_outgoing(connection, attempt=1)
    claim = Claim(connection.pk, lanes.REPLIES)
    held = claim.take(10)

    apply(connection, told("sent", send_key=str(message.send_key)))

    assert claim.begin(held) == set()
    assert Claim(connection.pk, lanes.REPLIES).take(10) == []


def test_a_receipt_counts_only_at_its_own_connection(
    connection: Connection, company: Company
) -> None:
    other = factories.a_connection(factories.OTHER_NUMBER)
    ours, theirs = sent(connection), sent(other)
    apply(connection, told("read"))

    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.rank, theirs.rank) == (Rank.READ, Rank.NONE)


def test_a_receipt_before_its_message_waits_for_it(connection: Connection) -> None:
    apply(connection, told("delivered"), told("delivered"))
    assert OrphanReceipt.objects.count() == 1

    message = sent(connection)
    receipts.take_up_orphans(connection_id=connection.pk, accepted={"wamid.1": message.pk})

    message.refresh_from_db()
    assert message.rank == Rank.DELIVERED
    assert OrphanReceipt.objects.count() == 0


def test_orphans_are_kept_for_72_hours(connection: Connection) -> None:
    apply(connection, told("sent", "wamid.old"), told("sent", "wamid.new"))
    OrphanReceipt.objects.filter(external_id="wamid.old").update(
        recorded_at=NOW - timedelta(hours=73)
    )

    receipts.drop_old_orphans()

    assert OrphanReceipt.objects.get().external_id == "wamid.new"


def test_an_opt_out_at_the_provider_is_written_down_once(connection: Connection) -> None:
    message = sent(connection)
    for _ in range(3):
        apply(connection, told("failed", code="131050", klass=FailureClass.OPTED_OUT))

    lines = Consent.objects.filter(contact=message.contact, action="opt_out")
    assert lines.count() == 1


def test_repeated_receipts_tell_nothing_new(connection: Connection) -> None:
    sent(connection)
    for _ in range(3):
        apply(connection, told("delivered"))

    assert Event.objects.filter(type="messages.progressed").count() == 1


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    batches=st.lists(
        st.lists(st.sampled_from(["sent", "delivered", "read", "played", "failed", "deleted"])),
        min_size=1,
        max_size=6,
    )
)
def test_the_rank_is_the_highest_ever_told(
    connection: Connection, batches: list[list[str]]
) -> None:
    Message.objects.all().delete()
    message = sent(connection)
    told_so_far: list[str] = []
    for batch in batches:
        apply(connection, *(told(kind) for kind in batch))
        told_so_far += batch
        message.refresh_from_db()
        highest = max([0, *(RANKS.get(kind, 0) for kind in told_so_far)])
        has_failed = "failed" in told_so_far and highest < Rank.DELIVERED
        assert (message.rank, message.failed_at is not None) == (highest, has_failed)


@pytest.mark.usefixtures("fresh_database")
def test_two_batches_about_the_same_messages_never_wait_in_a_circle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One names the second message by our key and the first by its id, the other the reverse."""
    company = Company.objects.get(slug="aurora")
    with scope.opened(company):
        number = factories.a_connection()
        first, second = (sent(number, external_id=f"wamid.{place}") for place in (1, 2))
    batches = [
        [told("read", str(one.external_id)), told("read", "", send_key=str(other.send_key))]
        for one, other in ((first, second), (second, first))
    ]
    lock, both_locked = receipts._locked, threading.Barrier(2)

    def lock_and_meet(*args: Any, **named: Any) -> Any:
        """Both hold their first locks, unless one waits for the other."""
        found = lock(*args, **named)
        with suppress(threading.BrokenBarrierError):
            both_locked.wait(timeout=0.3)
        return found

    monkeypatch.setattr(receipts, "_locked", lock_and_meet)

    def work(batch: list[Told]) -> None:
        try:
            with scope.opened(company):
                apply(number, *batch)
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, batches))  # raises what they raised
    with scope.opened(company):
        assert set(Message.objects.values_list("rank", flat=True)) == {Rank.READ}

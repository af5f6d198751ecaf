"""What ran out: leases of dead workers, and the wait for evidence."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import FailureClass, ProviderError
from core.models import AgendaRow
from messaging.dispatch import evidence, lanes, sweep
from messaging.dispatch.claim import Claim
from messaging.enums import POISON_CRASHES, DispatchState, Rank
from messaging.models import Message, OrphanReceipt
from tenants.models import Company
from tests.messaging import asked_provider, factories
from tests.messaging.asked_provider import Memory

D = DispatchState


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


def run_out(**columns: str) -> None:
    Message.objects.update(**{name: timezone.now() - timedelta(seconds=1) for name in columns})


def test_a_claimed_row_goes_back_and_its_sender_is_woken(connection: Connection) -> None:
    message = factories.an_outgoing(connection)
    Claim(connection.pk, lanes.REPLIES).take(10)
    AgendaRow.objects.all().delete()
    run_out(lease_until="")

    sweep.sweep("")

    message.refresh_from_db()
    assert (message.dispatch, message.attempt) == (DispatchState.QUEUED, 0)
    assert message.claim_token is None
    assert AgendaRow.objects.filter(kind="messaging.reply", key=str(connection.pk)).exists()


def test_what_its_senders_die_with_is_tried_alone_and_then_no_more(connection: Connection) -> None:
    message = factories.an_outgoing(connection)
    suspected = []
    for _ in range(POISON_CRASHES):
        claim = Claim(connection.pk, lanes.REPLIES)
        suspected.append(claim.has_suspects())
        assert len(claim.take(10)) == 1
        run_out(lease_until="")
        sweep.sweep("")

    message.refresh_from_db()
    assert suspected == [False, False, True, True, True]
    assert (message.dispatch, message.code) == (DispatchState.REJECTED, "quarantined")
    assert Claim(connection.pk, lanes.REPLIES).take(10) == []


def test_a_row_on_the_wire_becomes_unknown_and_is_never_sent_again(
    connection: Connection,
) -> None:
    message = factories.an_outgoing(connection)
    claim = Claim(connection.pk, lanes.REPLIES)
    claim.begin(claim.take(10))
    run_out(lease_until="")

    sweep.sweep("")

    message.refresh_from_db()
    assert (message.dispatch, message.code) == (DispatchState.UNKNOWN, "interrupted")
    run_out(due_at="")
    sweep.sweep("")
    message.refresh_from_db()
    assert message.dispatch == DispatchState.UNCONFIRMED
    assert Claim(connection.pk, lanes.REPLIES).take(10) == []


def test_a_live_lease_is_left_alone_and_looked_at_again_when_it_ends(
    connection: Connection,
) -> None:
    message = factories.an_outgoing(connection)
    Claim(connection.pk, lanes.REPLIES).take(10)
    AgendaRow.objects.all().delete()

    sweep.sweep("")

    message.refresh_from_db()
    assert message.dispatch == DispatchState.CLAIMED
    [row] = AgendaRow.objects.filter(kind="messaging.sweep")
    assert row.due_at > message.lease_until


def test_a_claim_leaves_a_wake_up_behind_for_the_case_of_death(connection: Connection) -> None:
    factories.an_outgoing(connection)
    AgendaRow.objects.all().delete()

    Claim(connection.pk, lanes.REPLIES).take(10)

    assert AgendaRow.objects.filter(kind="messaging.sweep").count() == 1


def test_with_nothing_leased_or_waiting_nothing_is_due(connection: Connection) -> None:
    factories.an_outgoing(connection)
    assert sweep.due(None) == []


def unclear(connection: Connection, **fields: Any) -> Message:
    """A message of which nobody knows whether it left, and the wait for evidence is over."""
    late = timezone.now() - timedelta(seconds=1)
    return factories.an_outgoing(connection, dispatch=D.UNKNOWN, due_at=late, **fields)


def state_after_sweep(message: Message) -> tuple[str, str]:
    sweep.sweep("")
    message.refresh_from_db()
    return message.dispatch, message.code


def test_evidence_has_the_time_that_the_provider_needs(connection: Connection) -> None:
    message = factories.an_outgoing(connection)
    claim = Claim(connection.pk, lanes.REPLIES)
    claim.begin(claim.take(10))
    run_out(lease_until="")

    sweep.sweep("")

    message.refresh_from_db()
    assert message.due_at is not None
    wait = (message.due_at - timezone.now()).total_seconds()
    assert wait == pytest.approx(900, abs=5)


def test_who_chose_at_least_once_leaves_once_more_and_no_more(connection: Connection) -> None:
    end = timezone.now() + timedelta(hours=1)
    message = unclear(connection, at_least_once=True, expires_at=end)
    AgendaRow.objects.all().delete()

    assert state_after_sweep(message) == (D.RETRY_WAIT, "")
    assert AgendaRow.objects.filter(kind="messaging.reply", key=str(connection.pk)).exists()
    claim = Claim(connection.pk, lanes.REPLIES)
    assert claim.begin(claim.take(10)) == {message.pk}
    Message.objects.update(dispatch=D.UNKNOWN, due_at=timezone.now())
    assert state_after_sweep(message) == (D.UNCONFIRMED, "unconfirmed")


def test_too_late_it_does_not_leave_again(connection: Connection) -> None:
    message = unclear(connection, at_least_once=True, expires_at=timezone.now())
    assert state_after_sweep(message) == (D.UNCONFIRMED, "unconfirmed")


def test_who_may_leave_again_waits_half_of_its_time_at_most(connection: Connection) -> None:
    end = timezone.now() + timedelta(minutes=10)
    message = factories.an_outgoing(connection, at_least_once=True, expires_at=end)
    claim = Claim(connection.pk, lanes.REPLIES)
    claim.begin(claim.take(10))
    run_out(lease_until="")
    sweep.sweep("")
    message.refresh_from_db()
    assert message.due_at is not None
    assert (message.due_at - timezone.now()).total_seconds() == pytest.approx(300, abs=5)


class TestAsking:
    @pytest.fixture
    def memory(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
        with asked_provider.registered(monkeypatch) as memory:
            yield memory

    @pytest.fixture
    def asked(self, company: Company, memory: Memory) -> Connection:
        return factories.a_connection(provider="asked")

    def test_a_provider_that_knows_the_message_settles_it(
        self, asked: Connection, memory: Memory
    ) -> None:
        memory.found = {"Hello": "SM1"}
        message = unclear(asked)
        assert state_after_sweep(message) == (D.ACCEPTED, "")
        assert message.external_id == "SM1"
        assert memory.asked == [(message.address, "Hello")]

    def test_what_it_does_not_know_is_unconfirmed(self, asked: Connection, memory: Memory) -> None:
        assert state_after_sweep(unclear(asked)) == (D.UNCONFIRMED, "unconfirmed")

    def test_another_message_with_the_same_text_is_no_evidence(
        self, asked: Connection, memory: Memory
    ) -> None:
        memory.found = {"Hello": "SM1"}
        factories.an_outgoing(asked, dispatch=D.ACCEPTED, external_id="SM1")
        assert state_after_sweep(unclear(asked)) == (D.UNCONFIRMED, "unconfirmed")

    def test_what_was_sent_before_does_not_hide_what_left_after_it(
        self, asked: Connection, memory: Memory
    ) -> None:
        before = factories.an_outgoing(
            asked, dispatch=D.ACCEPTED, external_id="SM1", accepted_at=timezone.now()
        )
        message = unclear(asked, contact=before.contact)
        state_after_sweep(message)
        assert memory.known == [{"SM1"}]

    def test_it_is_asked_for_the_whole_text_that_went_out(
        self, asked: Connection, memory: Memory
    ) -> None:
        parts = {"header": {"text": "Aurora"}, "body": "Hello", "footer": "PARAR"}
        state_after_sweep(unclear(asked, content=parts))
        assert [words for _, words in memory.asked] == ["Aurora\nHello\nPARAR"]

    def test_a_provider_that_cannot_be_asked_is_asked_again(
        self, asked: Connection, memory: Memory
    ) -> None:
        memory.error = ProviderError(FailureClass.RETRYABLE, "not_connected")
        message = unclear(asked)
        assert state_after_sweep(message) == (D.UNKNOWN, "")
        assert message.due_at is not None
        assert message.due_at > timezone.now()

    def test_but_not_for_ever(self, asked: Connection, memory: Memory) -> None:
        memory.error = ProviderError(FailureClass.RETRYABLE, "not_connected")
        message = unclear(asked, wire_at=timezone.now() - evidence.PATIENCE - timedelta(minutes=1))
        assert state_after_sweep(message) == (D.UNCONFIRMED, "unconfirmed")

    def test_patience_begins_when_it_left_however_long_it_waited_before(
        self, asked: Connection, memory: Memory
    ) -> None:
        memory.error = ProviderError(FailureClass.RETRYABLE, "not_connected")
        message = factories.an_outgoing(asked, at=timezone.now() - timedelta(days=1))
        claim = Claim(asked.pk, lanes.REPLIES)
        claim.begin(claim.take(10))
        Message.objects.update(dispatch=D.UNKNOWN, due_at=timezone.now())
        assert state_after_sweep(message) == (D.UNKNOWN, "")
        assert memory.since[0] > timezone.now() - timedelta(hours=1)

    def test_others_are_given_up_without_asking(
        self, asked: Connection, connection: Connection, memory: Memory
    ) -> None:
        assert state_after_sweep(unclear(connection)) == (D.UNCONFIRMED, "unconfirmed")
        assert memory.asked == []

    @pytest.fixture
    def connection(self, company: Company) -> Connection:
        return factories.a_connection(factories.OTHER_NUMBER)


def test_a_receipt_that_came_between_two_commits_is_taken_up(connection: Connection) -> None:
    message = factories.an_outgoing(connection, dispatch=D.ACCEPTED, external_id="wamid.1")
    for external_id in ("wamid.1", "wamid.unheard-of"):
        OrphanReceipt.objects.create(
            connection=connection, external_id=external_id, kind="read", at=timezone.now()
        )
    [(_, due_at)] = sweep.due(None)
    assert due_at <= timezone.now() + timedelta(seconds=1)

    sweep.sweep("")

    message.refresh_from_db()
    assert message.rank == Rank.READ
    assert [row.external_id for row in OrphanReceipt.objects.all()] == ["wamid.unheard-of"]
    assert sweep.due(None) == []


def test_a_receipt_of_another_number_is_not(connection: Connection) -> None:
    factories.an_outgoing(connection, dispatch=D.ACCEPTED, external_id="wamid.1")
    other = factories.a_connection(factories.OTHER_NUMBER)
    OrphanReceipt.objects.create(
        connection=other, external_id="wamid.1", kind="read", at=timezone.now()
    )
    sweep.sweep("")
    assert OrphanReceipt.objects.count() == 1

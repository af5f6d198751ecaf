"""A7, A8, C4, C7 and C9 at real processes: what was answered 200 is there exactly once, whatever
happens to PostgreSQL and to the web processes; and nobody waits for those who are slow or many."""

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import scope
from messaging.models import Message
from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import doors, rig
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks.ingress.models import Envelope
from webhooks.models import Item

LONGEST_ANSWER = 3.0


@pytest.fixture
def address(committed_company: Company) -> str:
    return callbacks.an_address(committed_company, factories.a_connection())


@pytest.fixture
def gate(committed_company: Company) -> Iterator[doors.Gate]:
    gate = doors.Gate()
    yield gate
    gate.close()


def check(told: doors.Told, door: doors.Door) -> None:
    """Everything that we said we have is an item, once; nothing waits on disk any more."""
    rig.until(lambda: told.taken <= set(keys()), 40, "what was answered 200 is not there")
    assert [key for key, times in Counter(keys()).items() if times > 1] == []
    assert [path.name for path in door.spool.glob("*") if path.name != ".lock"] == []
    with scope.public():
        assert Envelope.objects.count() >= len(told.taken)


def keys() -> list[str]:
    return list(Item.objects.filter(kind="message").values_list("key", flat=True))


def remember(door: doors.Door, address: str) -> None:
    """Each web process has seen the address once."""
    asyncio.run(doors.keep_posting(door.port, address, per_second=40, seconds=1, series="first"))


@pytest.mark.faults
def test_a7_a_database_that_goes_for_a_while_and_web_processes_that_die_lose_nothing(
    address: str, gate: doors.Gate, sandbox: Handle, tmp_path: Path
) -> None:
    with doors.running(sandbox, tmp_path, database_url=gate.url) as door:
        remember(door, address)

        def hurt() -> None:
            time.sleep(1.5)
            gate.shut()
            time.sleep(1.5)
            os.kill(door.workers()[0], signal.SIGKILL)
            time.sleep(2.5)
            gate.open()

        pain = threading.Thread(target=hurt)
        pain.start()
        told = asyncio.run(doors.keep_posting(door.port, address, per_second=50, seconds=9))
        pain.join()

        assert set(told.statuses) <= {200, 503}
        assert told.without_retry_after == 0
        assert told.statuses.count(200) > len(told.statuses) * 0.6
        check(told, door)


@pytest.mark.faults
def test_a8_with_hardly_a_connection_and_a_silent_server_callbacks_are_answered_in_time(
    address: str, gate: doors.Gate, sandbox: Handle, tmp_path: Path
) -> None:
    with doors.running(sandbox, tmp_path, database_url=gate.url) as door:
        remember(door, address)

        def hurt() -> None:
            time.sleep(0.5)
            gate.narrow(1)  # and web processes and the scanner want more
            time.sleep(3)
            gate.hold()
            time.sleep(2)
            gate.open()

        pain = threading.Thread(target=hurt)
        pain.start()
        told = asyncio.run(doors.keep_posting(door.port, address, per_second=50, seconds=7))
        pain.join()

        assert set(told.statuses) <= {200, 503}
        assert told.without_retry_after == 0
        assert told.at(0.99) < LONGEST_ANSWER
        check(told, door)


@pytest.mark.faults
def test_c9_two_hundred_who_send_a_byte_a_second_hold_nobody_up(
    address: str, sandbox: Handle, tmp_path: Path
) -> None:
    async def both(port: int) -> doors.Told:
        async with asyncio.TaskGroup() as group:
            for _ in range(200):
                group.create_task(doors.trickle(port, address, seconds=8))
            await asyncio.sleep(1.5)
            return await doors.keep_posting(port, address, per_second=40, seconds=5)

    with doors.running(sandbox, tmp_path, scans=False) as door:
        remember(door, address)
        told = asyncio.run(both(door.port))

    assert set(told.statuses) == {200}
    assert len(told.taken) == 200
    assert told.at(0.99) <= 1.0


@pytest.mark.faults
def test_c4_the_same_bytes_fifty_times_at_once_are_one_message(
    address: str, sandbox: Handle, tmp_path: Path
) -> None:
    with doors.running(sandbox, tmp_path) as door:
        statuses = asyncio.run(doors.post_together(door.port, address, "wamid.same", 50))
        rig.until(
            lambda: Message.objects.filter(external_id="wamid.same").exists(),
            40,
            "what was answered 200 is not there",
        )

    assert statuses == [200] * 50
    assert keys() == ["wamid.same"]
    assert Message.objects.filter(external_id="wamid.same").count() == 1
    with scope.public():
        assert Envelope.objects.get().seen == 50


@pytest.mark.faults
def test_c7_one_addresses_flood_is_refused_and_the_others_do_not_notice(
    address: str, committed_company: Company, sandbox: Handle, tmp_path: Path
) -> None:
    other = callbacks.an_address(committed_company, factories.a_connection(external_id="7"))

    async def both(port: int) -> tuple[doors.Told, doors.Told]:
        async with asyncio.TaskGroup() as group:
            flood = group.create_task(
                doors.keep_posting(port, address, per_second=400, seconds=5, series="flood")
            )
            calm = group.create_task(
                doors.keep_posting(port, other, per_second=20, seconds=5, series="calm")
            )
        return flood.result(), calm.result()

    limits = {"INGRESS_RATE_PER_SECOND": "20", "INGRESS_BURST": "100"}
    with doors.running(sandbox, tmp_path, scans=False, more=limits) as door:
        flood, calm = asyncio.run(both(door.port))

    assert Counter(calm.statuses) == {200: 100}
    assert calm.at(0.95) <= 2.0
    assert flood.statuses.count(429) > 1_000
    assert flood.without_retry_after == 0

"""Four senders at once, on four database connections: nobody is written to twice, a pause holds."""

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from typing import Any
from uuid import UUID

import pytest
from django.db import connection as database

from connections.models import Connection
from core import scope
from messaging.dispatch import lanes
from messaging.dispatch.claim import Claim
from messaging.enums import DispatchState
from messaging.models import Message, Stream
from messaging.services import streams
from tenants.models import Company
from tests.messaging import factories

WORKERS = 4
PEOPLE = 400
forked = multiprocessing.get_context("fork")


@pytest.fixture
def committed_company(fresh_database: None) -> Iterator[Company]:
    """Aurora with its scope open, and every write committed."""
    company = Company.objects.get(slug="aurora")
    with scope.opened(company), scope.surroundings(company):
        yield company


@pytest.fixture
def connection(committed_company: Company) -> Connection:
    return factories.a_connection()


def send_until_told(company: Company, connection_id: UUID, seed: int, stop: Any, out: Pipe) -> None:
    """A sender without a wire: claims, begins and gives back at random, and tells what it began."""
    database.connection = None  # the parent's socket is not ours
    chance = random.Random(seed)
    began: list[UUID] = []
    with scope.opened(company):
        while not stop.is_set():
            claim = Claim(connection_id, lanes.RUNS)
            held = claim.take(chance.randint(1, 20))
            begun = claim.begin(held[: chance.randint(0, len(held))])
            began += begun
            claim.give_back([item.id for item in held])
            claim.allowances.release({item.stream_id for item in held if item.id in begun})
            time.sleep(chance.random() / 200)
    out.send(began)
    database.close()


@contextmanager
def senders(company: Company, connection: Connection) -> Iterator[list[UUID]]:
    """Four of them at work; what they began stands in the list when they are done."""
    stop = forked.Event()
    began: list[UUID] = []
    pipes = [forked.Pipe(duplex=False) for _ in range(WORKERS)]
    processes = [
        forked.Process(target=send_until_told, args=(company, connection.pk, seed, stop, pipe[1]))
        for seed, pipe in enumerate(pipes)
    ]
    for process in processes:
        process.start()
    try:
        yield began
    finally:
        stop.set()
        for process, (receiving, _) in zip(processes, pipes, strict=True):
            if receiving.poll(20):
                began += receiving.recv()
            process.join(5)


def on_the_wire() -> int:
    return Message.objects.filter(dispatch=DispatchState.SENDING).count()


def a_started_run(connection: Connection) -> Stream:
    stream = factories.a_run(connection, factories.a_template(connection), PEOPLE)
    factories.start(stream)
    return stream


def wait_until_began(number: int = PEOPLE) -> None:
    ends_at = time.monotonic() + 20
    while on_the_wire() < number and time.monotonic() < ends_at:
        time.sleep(0.02)


def test_paused_at_any_point_nothing_leaves_and_resumed_nobody_is_missed(
    committed_company: Company, connection: Connection
) -> None:
    stream = a_started_run(connection)
    chance = random.Random(7)
    with senders(committed_company, connection) as began:
        for _ in range(8):
            time.sleep(chance.random() / 20)
            streams.pause(stream_id=stream.pk)
            left_by_then = on_the_wire()
            time.sleep(0.05)
            assert on_the_wire() == left_by_then
            streams.resume(stream_id=stream.pk)
        wait_until_began()

    assert Counter(Counter(began).values()) == {1: PEOPLE}


def test_after_trouble_one_message_goes_first_whoever_sends_it_and_then_each_once(
    committed_company: Company, connection: Connection
) -> None:
    stream = a_started_run(connection)
    streams.probe(stream_id=stream.pk)
    with senders(committed_company, connection) as began:
        wait_until_began(1)
        time.sleep(0.2)
        assert on_the_wire() == 1
        streams.recover(stream_id=stream.pk)
        wait_until_began()

    assert Counter(Counter(began).values()) == {1: PEOPLE}

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest
from django.db import transaction

from core import realtime, redis
from core.ids import uuid7
from core.realtime import Event, push, push_coalesced, since

pytestmark = pytest.mark.usefixtures("clean_redis")
INBOX = Event("inbox", "conversation.changed", "cnv_1")


@pytest.fixture
def company() -> uuid.UUID:
    return uuid7()


def start(company: uuid.UUID) -> str:
    return since(company, None, []).cursor


def test_a_page_hears_what_happened_after_its_cursor_and_only_of_its_topics(
    company: uuid.UUID,
) -> None:
    push(company, "inbox", "before", "x")
    cursor = start(company)
    push(company, *INBOX)
    push(company, "campaign:cmp_1", "campaign.progressed", "cmp_1")
    heard = since(company, cursor, ["inbox"])
    assert (heard.events, heard.reset) == ([INBOX], False)
    assert since(company, heard.cursor, ["inbox"]).events == []


def test_equal_events_fold_into_one(company: uuid.UUID) -> None:
    cursor = start(company)
    for _ in range(3):
        push(company, *INBOX)
    assert since(company, cursor, ["inbox"]).events == [INBOX]


def test_companies_do_not_hear_each_other(company: uuid.UUID) -> None:
    other = uuid7()
    cursor = start(other)
    push(company, *INBOX)
    assert since(other, cursor, ["inbox"]).events == []


def test_more_than_a_batch_comes_in_batches(
    company: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime, "BATCH", 2)
    cursor = start(company)
    for number in range(5):
        push(company, "inbox", "e", str(number))
    heard: list[str] = []
    for _ in range(3):
        answer = since(company, cursor, ["inbox"])
        heard += [event.id for event in answer.events]
        cursor = answer.cursor
    assert heard == ["0", "1", "2", "3", "4"]


def test_a_wiped_redis_resets_the_page(company: uuid.UUID) -> None:
    cursor = start(company)
    push(company, *INBOX)
    time.sleep(0.002)  # ids of a stream are milliseconds
    redis.client().flushdb()
    answer = since(company, cursor, ["inbox"])
    assert (answer.events, answer.reset) == ([], True)
    assert since(company, answer.cursor, ["inbox"]).reset is False


def test_a_cursor_that_the_stream_no_longer_reaches_resets_the_page(company: uuid.UUID) -> None:
    cursor = start(company)
    for _ in range(3):
        push(company, *INBOX)
    redis.client().xtrim(realtime.stream_key(company), maxlen=1, approximate=False)
    assert since(company, cursor, ["inbox"]).reset is True


@pytest.mark.parametrize("cursor", ["x", "1", "9" * 20 + "-0", "1-1; DROP", "1-" + "9" * 30])
def test_a_cursor_that_is_none_of_ours_resets_the_page(company: uuid.UUID, cursor: str) -> None:
    start(company)
    assert since(company, cursor, ["inbox"]).reset is True


def test_without_redis_a_push_is_forgotten_and_a_polling_page_reloads(
    company: uuid.UUID, no_redis: None
) -> None:
    push(company, *INBOX)
    assert since(company, "5-0", ["inbox"]) == realtime.Since([], "5-0", reset=True)


def test_a_push_waits_for_the_commit(
    db: None, company: uuid.UUID, django_capture_on_commit_callbacks: Any
) -> None:
    cursor = start(company)
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            push(company, *INBOX)
        assert since(company, cursor, ["inbox"]).events == []
    assert since(company, cursor, ["inbox"]).events == [INBOX]


def test_the_published_frame_and_the_stream_agree(company: uuid.UUID) -> None:
    with redis.client().pubsub(ignore_subscribe_messages=True) as pubsub:
        pubsub.subscribe(realtime.stream_key(company))
        pubsub.get_message(timeout=1)
        cursor = start(company)
        push(company, "inbox", "e", 'x"é')
        message = pubsub.get_message(timeout=1)
    assert message is not None
    assert json.loads(message["data"]) == {
        "topic": "inbox",
        "event": "e",
        "id": 'x"é',
        "cursor": since(company, cursor, ["inbox"]).cursor,
    }


def test_of_a_burst_the_first_goes_out_at_once_and_the_last_when_the_window_ends(
    company: uuid.UUID,
) -> None:
    cursor = start(company)
    for _ in range(50):
        push_coalesced(company, *INBOX, every=0.2)
    assert redis.client().xlen(realtime.stream_key(company)) == 2  # the start and one hint
    first = since(company, cursor, ["inbox"])
    assert first.events == [INBOX]
    time.sleep(0.21)
    assert since(company, first.cursor, ["inbox"]).events == [INBOX]
    assert redis.client().xlen(realtime.stream_key(company)) == 3


def test_the_next_window_begins_when_the_held_back_hint_leaves(company: uuid.UUID) -> None:
    cursor = start(company)
    for _ in range(2):
        push_coalesced(company, *INBOX, every=0.2)
    time.sleep(0.21)
    push_coalesced(company, *INBOX, every=0.2)  # the one that was held back leaves, this one waits
    assert len(redis.client().xrange(realtime.stream_key(company), min=f"({cursor}")) == 2
    time.sleep(0.21)
    since(company, cursor, ["inbox"])
    assert len(redis.client().xrange(realtime.stream_key(company), min=f"({cursor}")) == 3


def test_a_held_back_hint_also_leaves_with_the_next_push_of_the_company(
    company: uuid.UUID,
) -> None:
    push_coalesced(company, *INBOX, every=0.05)
    push_coalesced(company, *INBOX, every=0.05)
    cursor = start(company)
    time.sleep(0.06)
    push_coalesced(company, "campaign:1", "other", every=0.05)
    frames = redis.client().xrange(realtime.stream_key(company), min=f"({cursor}")
    assert [json.loads(fields[b"f"] + b"}")["event"] for _, fields in frames] == [
        INBOX.event,
        "other",
    ]


def test_different_hints_do_not_hold_each_other_back(company: uuid.UUID) -> None:
    cursor = start(company)
    for number in range(5):
        push_coalesced(company, "inbox", "e", str(number), every=5)
    assert [event.id for event in since(company, cursor, ["inbox"]).events] == list("01234")

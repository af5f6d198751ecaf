"""D11: an answer without end costs no memory."""

from __future__ import annotations

import resource
from datetime import UTC, datetime
from typing import Any

import pytest

from core.ids import uuid7
from tests.webhooks.endpoints.sink import receiving
from webhooks.endpoints.wire import Answer, Request, Wire


@pytest.mark.faults
def test_d11_a_gigabyte_of_answers_costs_no_memory(settings: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers: list[Answer] = []
    with receiving() as sink, Wire(2) as wire:
        settings.OUTBOUND_ALLOWED_PRIVATE = [sink.host]
        for _ in range(4):
            wire.start(
                Request(uuid7(), uuid7(), 1, sink.url("/bomb"), {}, b"{}", datetime.now(UTC))
            )
        while wire.flying:
            answers += wire.collect()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert [(one.status, len(one.body)) for one in answers] == [(200, 64 * 1024)] * 4
    assert grown < 20 * 1024  # KiB

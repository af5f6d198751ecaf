"""Items as rows and back."""

import json
from dataclasses import fields
from datetime import UTC, datetime

from connections.providers.base import FailureClass, Receipt
from connections.providers.whatsapp_cloud import inbound
from tests import json_suite
from webhooks import items as rows

EVERYTHING = Receipt(
    number_id="106",
    account_id="102",
    external_id="wamid.1",
    kind="failed",
    at=datetime(2026, 11, 21, 12, 30, tzinfo=UTC),
    send_key="0198a7f0-0000-7000-8000-000000000001",
    attempt=2,
    recipient="5511987654321",
    recipient_bsuid="BR.1",
    code="131049",
    detail="words",
    klass=FailureClass.RETRYABLE,
    retry_after=86_400.0,
    pricing={"billable": True},
)


def test_a_bundle_keeps_all_that_a_receipt_says() -> None:
    spoken = [name.name for name in fields(Receipt) if name.name != "raw"]
    assert all(getattr(EVERYTHING, name) for name in spoken)

    packed = rows.bundle([EVERYTHING, EVERYTHING], 3)

    assert (packed.position, packed.kind, packed.key) == (3, "statuses", "wamid.1 failed (+1)")
    assert rows.unbundle(packed.data) == [EVERYTHING, EVERYTHING]


def test_what_a_receipt_does_not_speak_of_takes_no_room() -> None:
    bare = Receipt(
        number_id="106", account_id="102", external_id="wamid.1", kind="sent", at=EVERYTHING.at
    )
    packed = rows.bundle([bare], 0)

    assert packed.data["receipts"] == [
        {"external_id": "wamid.1", "kind": "sent", "at": "2026-11-21T12:30:00+00:00", "attempt": 1}
    ]
    assert rows.unbundle(packed.data) == [bare]


def test_c8_every_case_of_the_json_suite_becomes_rows() -> None:
    for body in json_suite.ALL.values():
        for callback in (body, b'{"entry": [{"id": "1", "changes": [' + body + b"]}]}"):
            for position, item in enumerate(inbound.parse(callback)):
                packed = rows.pack(item, position)
                written = json.dumps(packed.data).replace("\\\\", "")
                assert "\\u0000" not in written  # PostgreSQL takes none

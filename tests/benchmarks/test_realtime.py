"""When the live line counts as fast and whole."""

from collections.abc import Mapping

import pytest

from benchmarks.live.customers import Number
from benchmarks.realtime import judged
from connections.providers.base import InboundMessage
from connections.providers.whatsapp_cloud.inbound import parse, verify_signature

GOOD: Mapping[str, float] = {
    "frame_p95_ms": 60.0,
    "missing": 0,
    "broken": 0,
    "list_hints_per_second": 2.1,
    "list_without_last": 0,
}


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("frame_p95_ms", 100.0),
        ("missing", 1),
        ("broken", 1),
        ("list_hints_per_second", 5.0),
        ("list_without_last", 1),
    ],
)
def test_each_figure_can_fail_it(figure: str, value: float) -> None:
    assert judged(GOOD, {}).holds
    assert not judged({**GOOD, figure: value}, {}).holds


def test_a_customer_writes_what_the_product_accepts() -> None:
    body, headers = Number("106540352200009", "102290129300009", "secret").callback("5511987654321")
    assert verify_signature(body, headers["X-Hub-Signature-256"], "secret")
    [told] = parse(body)
    assert isinstance(told, InboundMessage)
    assert (told.number_id, told.kind) == ("106540352200009", "text")

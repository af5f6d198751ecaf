"""Sending webhooks is judged by a bare loop and by what it asks of PostgreSQL."""

import pytest

from benchmarks.deliveries import judged

BARE = {"per_second": 100.0, "python_cpu_ms": 1.0}
OURS = {"per_second": 100.0, "python_cpu_ms": 3.0, "statements": 2.0}


def test_the_target_holds_at_its_limit() -> None:
    assert judged(OURS, BARE).holds


@pytest.mark.parametrize(("figure", "value"), [("per_second", 99.0), ("statements", 2.1)])
def test_each_part_of_it_can_fail(figure: str, value: float) -> None:
    assert not judged({**OURS, figure: value}, BARE).holds

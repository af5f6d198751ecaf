"""A hundred automations are judged by what one costs."""

import pytest

from benchmarks.automations import judged

ONE = {"seconds": 10.0, "queries_per_event": 8.0, "runs": 1000.0}
MANY = {"seconds": 30.0, "queries_per_event": 8.0, "runs": 1000.0}


def test_the_target_holds_at_its_limit() -> None:
    assert judged(MANY, ONE).holds


@pytest.mark.parametrize("figure", MANY)
def test_each_part_of_it_can_fail(figure: str) -> None:
    assert not judged({**MANY, figure: MANY[figure] + 1}, ONE).holds

"""The preparation is judged by its time and by nobody being missing."""

import pytest

from benchmarks.prepare import judged

GOOD = {"seconds": 9.9, "rows": 100_000.0, "links": 100_000.0}


def test_the_target_holds_at_its_limit() -> None:
    assert judged(GOOD, 100_000).holds


@pytest.mark.parametrize(("figure", "value"), [("seconds", 10.0), ("rows", 99_999.0)])
def test_each_part_of_it_can_fail(figure: str, value: float) -> None:
    assert not judged({**GOOD, figure: value}, 100_000).holds

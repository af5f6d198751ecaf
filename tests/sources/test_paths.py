"""Places in data, written and read."""

import pytest

from webhooks.sources import paths

DATA = {"a": {"b": [10, {"c d": "x", "e.f": None}]}, "é": 1, "": 2, '"': 3}


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        (["a", "b", 1, "c d"], 'a.b[1]["c d"]'),
        (["a", "b", 0], "a.b[0]"),
        (["é"], "é"),
        ([""], '[""]'),
        (['"'], '["\\""]'),
        ([0, "x"], "[0].x"),
        ([], ""),
    ],
)
def test_a_path_says_its_steps(steps: list[str | int], text: str) -> None:
    assert paths.write(steps) == text
    assert paths.parse(text) == steps


@pytest.mark.parametrize("text", [".a", "a..b", "a[", "a[-1]", "[x]", "a b", "x" * 501, '["'])
def test_what_is_no_path_is_refused_and_finds_nothing(text: str) -> None:
    with pytest.raises(paths.BadPath):
        paths.parse(text)
    assert paths.find(DATA, text) is paths.MISSING


def test_only_what_is_there_is_found() -> None:
    assert paths.find(DATA, 'a.b[1]["c d"]') == "x"
    assert paths.find(DATA, 'a.b[1]["e.f"]') is None
    for missing in ("a.b[2]", "a.x", "a[0]", "a.b.c", "é.x"):
        assert paths.find(DATA, missing) is paths.MISSING


def test_leaves_come_in_their_order_and_no_more_than_wanted() -> None:
    found = [paths.write(steps) for steps, _ in paths.leaves(DATA, most=4)]
    assert found == ["a.b[0]", 'a.b[1]["c d"]', 'a.b[1]["e.f"]', "é"]

"""Cards come in, go out and move through a definition as through lines of a page."""

import copy
from typing import Any

import pytest

from webhooks.automations.builder import tree


def a_definition() -> dict[str, Any]:
    branch = {"id": "b", "then": [{"id": "x"}], "else": []}
    return {"steps": [{"id": "a"}, branch, {"id": "c"}]}


def ids(steps: list[dict[str, Any]]) -> list[Any]:
    return [
        [step["id"], ids(step["then"]), ids(step["else"])] if "then" in step else step["id"]
        for step in steps
    ]


def test_a_place_names_what_stands_there_and_nothing_where_nothing_does() -> None:
    definition = a_definition()
    assert tree.at(definition, "steps.1.then.0") == {"id": "x"}
    assert tree.at(definition, "steps.7") is None
    assert tree.at(definition, "steps.zero.then") is None


def test_a_step_walks_through_a_branch_line_by_line_and_back() -> None:
    definition, place, seen = a_definition(), "steps.0", []
    for _ in range(6):
        definition, place = tree.move(definition, place, 1)
        seen.append(ids(definition["steps"]))
    assert seen == [
        [["b", ["a", "x"], []], "c"],
        [["b", ["x", "a"], []], "c"],
        [["b", ["x"], ["a"]], "c"],
        [["b", ["x"], []], "a", "c"],
        [["b", ["x"], []], "c", "a"],
        [["b", ["x"], []], "c", "a"],  # the end of the page
    ]
    for _ in range(6):
        definition, place = tree.move(definition, place, -1)
    assert (ids(definition["steps"]), place) == (ids(a_definition()["steps"]), "steps.0")


def test_a_branch_moves_with_all_that_is_in_it() -> None:
    definition, place = tree.move(a_definition(), "steps.1", 1)
    assert (ids(definition["steps"]), place) == (["a", "c", ["b", ["x"], []]], "steps.2")


def test_what_is_given_stays_as_it_was() -> None:
    before = a_definition()
    kept = copy.deepcopy(before)
    tree.insert(before, "steps.1.else.0", {"id": "new"})
    tree.remove(before, "steps.1")
    tree.put(before, "steps.1.then.0", {"id": "y"})
    tree.duplicate(before, "steps.1")
    tree.move(before, "steps.0", 1)
    assert before == kept


def test_an_insertion_past_the_end_stands_at_the_end() -> None:
    definition = tree.insert(a_definition(), "steps.1.else.9", {"id": "new"})
    assert ids(definition["steps"]) == ["a", ["b", ["x"], ["new"]], "c"]


@pytest.mark.parametrize("place", ["nowhere.0", "steps.9.then.0", "steps.x"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        tree.insert(a_definition(), place, {"id": "new"})

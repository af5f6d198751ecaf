"""A benchmark ends with one JSON object that says what was measured and whether it holds."""

import json

import pytest

from benchmarks.__main__ import main
from benchmarks.report import Result, interleaved, quantile, ratios, show, table


def test_the_last_line_is_the_result_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    show(Result("pages", True, {"cpu_ms": 2.0}, {"cpu_ms": 1.0}, {"cpu_ms": 2.0}))
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "bench": "pages",
        "holds": True,
        "figures": {"cpu_ms": 2.0},
        "reference": {"cpu_ms": 1.0},
        "ratio": {"cpu_ms": 2.0},
    }


def test_the_table_stands_in_columns() -> None:
    result = Result("pages", True, {"cpu_ms": 2.0, "per_second": 12345.6}, {"cpu_ms": 1.0})
    assert table(result).splitlines() == [
        "             pages  reference  ratio",
        "cpu_ms           2          1      -",
        "per_second  12,346          -      -",
    ]


def test_ratios_are_of_figures_that_both_have() -> None:
    assert ratios({"a": 3.0, "b": 1.0}, {"a": 2.0, "c": 1.0}) == {"a": 1.5}


def test_candidates_are_measured_by_turns_and_reported_by_median() -> None:
    order: list[str] = []
    values = iter([1.0, 10.0, 5.0, 20.0, 2.0, 30.0])

    def measure(name: str) -> dict[str, float]:
        order.append(name)
        return {"ms": next(values)}

    found = interleaved(3, {"ours": lambda: measure("ours"), "bare": lambda: measure("bare")})
    assert order == ["ours", "bare"] * 3
    assert found == {"ours": {"ms": 2.0}, "bare": {"ms": 20.0}}


def test_an_unknown_name_lists_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 2
    assert capsys.readouterr().err.startswith("Which benchmark? There are: ")


def test_a_quantile_is_the_value_that_such_a_share_does_not_exceed() -> None:
    twenty = [float(value) for value in range(20, 0, -1)]
    assert [quantile(twenty, share) for share in (0.5, 0.95, 0.99)] == [10.0, 19.0, 20.0]
    assert quantile([], 0.95) == 0.0

"""How a benchmark reports: a table for people, then one line of JSON for programs."""

import json
import math
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Result:
    """Our figures beside the reference's, by the same names; `holds`: the targets are met."""

    bench: str
    holds: bool
    figures: Mapping[str, float]
    reference: Mapping[str, float] = field(default_factory=dict)
    ratio: Mapping[str, float] = field(default_factory=dict)


def ratios(figures: Mapping[str, float], reference: Mapping[str, float]) -> dict[str, float]:
    """Ours divided by the reference's, for every figure that both have."""
    shared = {name: value for name, value in reference.items() if name in figures and value}
    return {name: figures[name] / value for name, value in shared.items()}


def interleaved(
    rounds: int, candidates: Mapping[str, Callable[[], Mapping[str, float]]]
) -> dict[str, dict[str, float]]:
    """Measure the candidates by turns, so that a noisy machine disturbs all; medians by name."""
    seen: dict[str, list[Mapping[str, float]]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, measure in candidates.items():
            seen[name].append(measure())
    return {
        name: {key: statistics.median(one[key] for one in found) for key in found[0]}
        for name, found in seen.items()
    }


def quantile(values: Iterable[float], share: float) -> float:
    """The smallest value that such a share of all does not exceed (nearest rank); 0 without any."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)] if ordered else 0.0


def table(result: Result) -> str:
    """Figures, reference and ratio as aligned columns."""
    names = [*result.figures, *(name for name in result.reference if name not in result.figures)]
    rows: list[tuple[str, ...]] = [("", result.bench, "reference", "ratio")]
    for name in names:
        columns = (result.figures, result.reference, result.ratio)
        rows.append((name, *(_number(column.get(name)) for column in columns)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in rows
    )


def show(result: Result) -> None:
    """Print the table and, as the very last line, the JSON object of docs/api.md."""
    print(table(result))
    print("holds" if result.holds else "DOES NOT HOLD")
    print(json.dumps(asdict(result)), flush=True)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"

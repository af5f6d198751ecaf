"""What each scenario came to, for the table at the end of `bin/test faults`."""

import os
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """One scenario: what was to be sent, what the provider took, what went wrong."""

    planned: int = 0
    sends: int = 0
    lost: int = 0
    twice: int = 0
    unclear: int = 0
    settled: int = 0


_lines: dict[str, Line] = {}


def line() -> Line:
    """The line of the test that runs now."""
    name = os.environ["PYTEST_CURRENT_TEST"].partition("::")[2].rpartition(" ")[0]
    return _lines.setdefault(name.removeprefix("test_"), Line())


def table() -> Iterator[str]:
    """The lines and their sum, ready to print."""
    titles = ("planned", "sends", "lost", "twice", "unclear", "settled")
    yield f"{'scenario':<76}" + "".join(f"{title:>9}" for title in titles)
    total = Line()
    for name, one in _lines.items():
        yield _row(name, one)
        for title in titles:
            setattr(total, title, getattr(total, title) + getattr(one, title))
    yield _row("all", total)


def is_empty() -> bool:
    return not _lines


def _row(name: str, one: Line) -> str:
    numbers = (one.planned, one.sends, one.lost, one.twice, one.unclear, one.settled)
    return f"{name:<76}" + "".join(f"{number:>9,}" for number in numbers)

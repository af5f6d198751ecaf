"""`python -m benchmarks NAME …`: run one benchmark and report it; bin/bench sets up around it."""

import importlib
import sys
from pathlib import Path

from benchmarks.report import Result, show

TOOLS = {"__init__", "__main__", "report", "server", "load", "processes"}


def names() -> list[str]:
    """The benchmarks there are: each module with `run(arguments: list[str]) -> Result`."""
    return sorted(
        path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in TOOLS
    )


def main(arguments: list[str]) -> int:
    """Run the benchmark named first; 0 when its targets hold, 1 when not, 2 for a wrong name."""
    if not arguments or arguments[0] not in names():
        sys.stderr.write(f"Which benchmark? There are: {', '.join(names()) or 'none yet'}.\n")
        return 2
    module = importlib.import_module(f"benchmarks.{arguments[0]}")
    result: Result = module.run(arguments[1:])
    show(result)
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

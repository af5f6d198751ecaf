"""The stages of bin/test: each runs to its end, is timed, and adds to the closing line."""

import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ops.console import GREEN, RED, paint, say

NO_TESTS = 5  # pytest's exit code when nothing was collected


@dataclass
class Tally:
    """What all stages came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    broken: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_report(self, path: Path) -> None:
        """Add the counts of a JUnit report; an error in set-up or clean-up is a failure."""
        for suite in ElementTree.parse(path).getroot().iter("testsuite"):
            counts = {
                name: int(suite.get(name, "0"))
                for name in ("tests", "failures", "errors", "skipped")
            }
            failed = counts["failures"] + counts["errors"]
            self.failed += failed
            self.skipped += counts["skipped"]
            self.passed += counts["tests"] - failed - counts["skipped"]

    @property
    def good(self) -> bool:
        """Whether everything that ran succeeded."""
        return not self.failed and not self.broken

    def closing_line(self) -> str:
        """The last line of bin/test, in pytest's style."""
        counts = [f"{self.passed} passed", f"{self.failed} failed", f"{self.skipped} skipped"]
        return ", ".join([*counts, *(f"{name} failed" for name in self.broken), *self.notes])


@dataclass(frozen=True)
class Runner:
    """Runs stages with one environment and counts into one tally."""

    root: Path
    env: dict[str, str]
    reports: Path
    tally: Tally

    def commands(self, name: str, *commands: Sequence[str | Path]) -> None:
        """A stage of plain commands; all of them run, the stage fails when one does."""
        started = self._begin(name)
        codes = [self._run(command) for command in commands]
        if any(codes):
            self.tally.broken.append(name)
        self._end(name, started, good=not any(codes))

    def pytest(self, name: str, python: Path, arguments: Sequence[str], *, chosen: bool) -> None:
        """A stage of tests. Finding none is a failure unless the person `chosen` which ones."""
        started = self._begin(name)
        report = self.reports / f"{name}.xml"
        report.unlink(missing_ok=True)
        code = self._run([python, "-m", "pytest", *arguments, "-q", f"--junitxml={report}"])
        failed_before = self.tally.failed
        if report.exists():
            self.tally.add_report(report)
        unexplained = code and self.tally.failed == failed_before
        good = not code or (code == NO_TESTS and chosen)
        if unexplained and not good:
            self.tally.broken.append(name)
        self._end(name, started, good=good)

    def _begin(self, name: str) -> float:
        say(f"\n── {name}")
        return time.monotonic()

    def _end(self, name: str, started: float, *, good: bool) -> None:
        mark = paint("✓", GREEN) if good else paint("✗", RED)
        say(f"{mark} {name}  {time.monotonic() - started:.1f} s")

    def _run(self, command: Sequence[str | Path]) -> int:
        argv = [str(part) for part in command]
        return subprocess.run(argv, cwd=self.root, env=self.env, check=False).returncode

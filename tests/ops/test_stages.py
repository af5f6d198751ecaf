"""bin/test sums up its stages in one closing line and fails when one of them did."""

import os
import sys
from pathlib import Path

import pytest

from ops.stages import Runner, Tally


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-c /dev/null"}
    return Runner(tmp_path, env, tmp_path, Tally())


def run(runner: Runner, code: str, *, chosen: bool = False) -> None:
    (runner.root / "test_it.py").write_text(code)
    runner.pytest("tests", Path(sys.executable), ["test_it.py"], chosen=chosen)


def test_stages_are_summed_up(runner: Runner) -> None:
    run(runner, "def test_a(): pass\ndef test_b(): assert 0\n")
    run(runner, "import pytest\ndef test_c(): pytest.skip()\ndef test_d(): pass\n")
    assert runner.tally.closing_line() == "2 passed, 1 failed, 1 skipped"
    assert not runner.tally.good


def test_a_run_that_breaks_before_its_tests_is_a_failure(runner: Runner) -> None:
    run(runner, "import nonexistent\n")
    assert runner.tally.closing_line() == "0 passed, 1 failed, 0 skipped"


def test_no_tests_is_a_failure_unless_they_were_chosen(runner: Runner) -> None:
    run(runner, "", chosen=True)
    assert runner.tally.good
    run(runner, "")
    assert runner.tally.closing_line() == "0 passed, 0 failed, 0 skipped, tests failed"


def test_a_failing_command_fails_the_stage_and_the_others_still_run(runner: Runner) -> None:
    touch = [sys.executable, "-c", "open('ran', 'w')"]
    runner.commands("lint", [sys.executable, "-c", "exit(1)"], touch)
    assert (runner.root / "ran").exists()
    assert runner.tally.closing_line() == "0 passed, 0 failed, 0 skipped, lint failed"

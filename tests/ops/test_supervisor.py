"""The supervisor shows, restarts and ends its processes, and leaves none behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops import runfile
from ops.child import Program
from ops.config import ROOT
from ops.errors import OperationError
from ops.process import Command, Known
from ops.supervisor import Supervisor

SLEEPER = "import time; print('hello'); time.sleep(60)"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf'); time.sleep(60)"
PARENT = (
    "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; "
    "time.sleep(60)']); print('child', p.pid); time.sleep(60)"
)
Stage = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def stage(folder: Path) -> Iterator[Stage]:
    running: list[subprocess.Popen[str]] = []

    def open_stage(**programs: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                sys.executable,
                Path(__file__).with_name("stage.py"),
                folder,
                *(f"{name}={code}" for name, code in programs.items()),
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield open_stage
    for process in running:
        process.kill()
        process.communicate()


def until(condition: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def children(folder: Path, *names: str) -> list[Known]:
    """The running stand-ins, once each of them has said its first word."""
    logs = [folder / f"{name}.log" for name in names]
    until(lambda: all(log.exists() and log.read_text() for log in logs))
    run = runfile.read_run(folder)
    assert run is not None
    return [run.children[name] for name in names]


def test_output_is_shown_with_its_name_and_kept_in_a_log(stage: Stage, folder: Path) -> None:
    process = stage(web=SLEEPER)
    assert process.stdout is not None
    lines = {process.stdout.readline().strip() for _ in range(2)}
    assert lines == {"started", "web      │ hello"}
    assert (folder / "web.log").read_text() == "hello\n"


def test_ctrl_c_ends_everything(stage: Stage, folder: Path) -> None:
    process = stage(web=SLEEPER, worker=SLEEPER)
    known = children(folder, "web", "worker")
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 0
    assert [one.alive() for one in known] == [False, False]


def test_a_second_ctrl_c_kills_at_once(stage: Stage, folder: Path) -> None:
    process = stage(web=DEAF)
    (known,) = children(folder, "web")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert known.alive()
    process.send_signal(signal.SIGINT)
    assert process.wait(2) == 0
    assert not known.alive()


def test_what_a_process_started_ends_with_it(stage: Stage, folder: Path) -> None:
    process = stage(web=PARENT)
    children(folder, "web")
    grandchild = Known.of(int((folder / "web.log").read_text().split()[1]))
    assert grandchild.alive()
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    until(lambda: not grandchild.alive())


def test_a_crashed_process_is_started_again(stage: Stage, folder: Path) -> None:
    process = stage(web=SLEEPER)
    (first,) = children(folder, "web")
    os.kill(first.pid, signal.SIGKILL)
    log = folder / "web.log"
    until(lambda: log.read_text().count("hello") == 2)
    assert log.read_text() == "hello\nended with -9; starts again in 1 s\nhello\n"
    (second,) = children(folder, "web")
    assert second.alive()
    assert process.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_a_killed_supervisor_leaves_no_orphan(stage: Stage, folder: Path) -> None:
    process = stage(web=SLEEPER, worker=SLEEPER)
    known = children(folder, "web", "worker")
    process.kill()
    until(lambda: not any(one.alive() for one in known))


def test_what_survives_a_killed_supervisor_is_found_and_ended(stage: Stage, folder: Path) -> None:
    process = stage(web=DEAF)
    (known,) = children(folder, "web")
    process.kill()
    process.wait()
    run = runfile.read_run(folder)
    assert run is not None
    assert run.leftovers() == [known]
    os.kill(known.pid, signal.SIGKILL)
    until(lambda: run.leftovers() == [])


def program(python: str, code: str, *, restart: bool) -> Program:
    return Program("job", Command([python, "-c", code], Path("/"), {}), restart=restart)


def test_a_finished_program_fails_with_its_last_words(python: str, folder: Path) -> None:
    with Supervisor(folder, lambda now: None) as boss:
        boss.finish(program(python, "print('fine')", restart=False))
        with pytest.raises(OperationError, match="job failed: no table"):
            boss.finish(program(python, "print('no table'); exit(3)", restart=False))
    assert (folder / "job.log").read_text() == "no table\n"


def test_waiting_for_one_that_keeps_dying_says_why(python: str, folder: Path) -> None:
    with Supervisor(folder, lambda now: None) as boss:
        child = boss.start(program(python, "exit('no secret')", restart=True))
        with pytest.raises(OperationError, match=r"Web did not start: job: .*no secret"):
            boss.wait_for(lambda: False, "Web", 10, [child])


def test_waiting_too_long_says_so(python: str, folder: Path) -> None:
    with Supervisor(folder, lambda now: None) as boss:
        child = boss.start(program(python, SLEEPER, restart=True))
        with pytest.raises(OperationError, match=r"Web did not start within 0 s"):
            boss.wait_for(lambda: False, "Web", 0.3, [child])


def test_a_program_that_is_not_there_gets_a_sentence(folder: Path) -> None:
    with (
        Supervisor(folder, lambda now: None) as boss,
        pytest.raises(OperationError, match="job cannot be started"),
    ):
        boss.start(Program("job", Command([folder / "none"], Path("/"), {})))

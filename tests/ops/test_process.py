"""A process is known by more than its number."""

import subprocess

from ops.process import Known, identity, stop_group


def test_a_process_that_ended_is_not_alive(python: str) -> None:
    process = subprocess.Popen([python, "-c", "input()"], stdin=subprocess.PIPE)
    known = Known.of(process.pid)
    assert known.alive()
    process.communicate(b"\n")
    assert not known.alive()
    assert identity(process.pid) == ""


def test_another_process_with_the_same_number_is_not_taken_for_it() -> None:
    mine = Known.of_self()
    assert not Known(mine.pid, mine.identity + "0").alive()


def test_a_group_that_does_not_listen_is_killed(python: str) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); "
    deaf += "time.sleep(60)"
    process = subprocess.Popen([python, "-c", deaf], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    process.stdout.readline()
    stop_group(process.pid, grace=0.2)
    assert not Known.of(process.pid).alive()
    process.stdout.close()

"""Going into the background: the one who called waits until we are ready or have given up."""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

READY = b"ready"


def detached(serve: Callable[[Callable[[], None]], int]) -> int:
    """Run `serve(ready)` in a process of its own; the exit code is known when it calls `ready`.

    Until then it prints where we print, and Ctrl-C reaches it and all that it runs.
    """
    read_end, write_end = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(write_end)
        return _wait(pid, read_end)
    os.close(read_end)
    os.setsid()

    def ready() -> None:
        sys.stdout.flush()
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        os.close(silence)
        os.write(write_end, READY)
        os.close(write_end)

    return serve(ready)


def _wait(pid: int, read_end: int) -> int:
    def pass_on(number: int, frame: FrameType | None) -> None:
        os.killpg(pid, number)

    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, pass_on)
    if os.read(read_end, len(READY)) == READY:
        return 0
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) or 1

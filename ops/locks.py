"""Locks between the commands: flock(2), which the kernel releases with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """One holder's view of a lock file: shared by many or exclusive to one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def share(self) -> None:
        """Hold it together with others; waits while somebody has it alone."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def take(self) -> None:
        """Hold it alone; waits for everybody else."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def try_take(self) -> bool:
        """Hold it alone if nobody else has it, at once."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go of it for now."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of it for good."""
        os.close(self._file)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock alone for a block, waiting for it as long as it takes."""
    lock = FileLock(path)
    try:
        lock.take()
        yield
    finally:
        lock.close()

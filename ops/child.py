"""One process under the supervisor: started, listened to, started again, stopped."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from ops.logs import CappedLog
from ops.process import Command, Known, die_with_parent, signal_group

LONGEST_PAUSE = 30.0  # seconds before another try
STEADY = 30.0  # seconds of running after which the next failure counts as the first
LINE_LIMIT = 64 << 10  # bytes of a line without an end before it is cut


@dataclass(frozen=True)
class Program:
    """A process the supervisor looks after; without a `colour` it shows in its log alone.

    `restart` is False for one that is to end by itself.
    """

    name: str
    command: Command
    colour: int = 0
    restart: bool = True


@dataclass
class Child:
    """A program as it runs now; `due` is when it is to be started again (time.monotonic)."""

    program: Program
    log: CappedLog
    process: subprocess.Popen[bytes] | None = None
    due: float | None = None
    failures: int = 0
    exit_code: int | None = None
    ending: bool = False
    _started: float = 0.0
    _pause: float = 0.0
    _partial: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, program: Program, log_dir: Path) -> "Child":
        """A child that has not been started."""
        return cls(program, CappedLog(log_dir / f"{program.name}.log"))

    @property
    def name(self) -> str:
        """The name in front of its lines and of its log."""
        return self.program.name

    @property
    def running(self) -> bool:
        """Whether the process is alive, as far as `reap` has seen."""
        return self.process is not None

    @property
    def known(self) -> Known | None:
        """The process as it is written into the run file."""
        return Known.of(self.process.pid) if self.process else None

    def start(self) -> int:
        """Start it; the descriptor to read its output from."""
        command = self.program.command
        self.process = command.popen(
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(command.stop_signal),
        )
        self.due, self.exit_code, self._started = None, None, time.monotonic()
        output = self._output()
        os.set_blocking(output, False)
        return output

    def _output(self) -> int:
        if self.process is None or self.process.stdout is None:
            raise RuntimeError(f"{self.name} is not running")
        return self.process.stdout.fileno()

    def read(self) -> list[str]:
        """The whole lines that came, logged; raises EOFError when no more can come."""
        try:
            data = os.read(self._output(), 64 << 10)
        except BlockingIOError:
            return []
        if not data and not self._partial:
            raise EOFError
        *lines, self._partial = (self._partial + data).split(b"\n")
        if not data or len(self._partial) > LINE_LIMIT:
            lines.append(self._partial)
            self._partial = b""
        for line in lines:
            self.log.write(line)
        return [line.decode(errors="replace").rstrip() for line in lines]

    def reap(self) -> bool:
        """Whether it has just ended; then `exit_code` says how, and `due` when it comes again."""
        if self.process is None or self.process.poll() is None:
            return False
        self.exit_code = self.process.returncode
        signal_group(self.process.pid, signal.SIGKILL)  # what it started goes with it
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None
        if self.program.restart and not self.ending:
            steady = time.monotonic() - self._started > STEADY
            self.failures = 1 if steady else self.failures + 1
            self._pause = 1.0 if steady or not self._pause else min(self._pause * 2, LONGEST_PAUSE)
            self.due = time.monotonic() + self._pause
        return True

    def end(self, sig: signal.Signals) -> None:
        """Signal it and everything it started; it is not started again."""
        self.ending, self.due = True, None
        if self.process:
            signal_group(self.process.pid, sig)

"""The supervisor: one thread that starts the processes, shows what they say and ends them all.

It is a single loop over their pipes, so that nothing is forked from a thread and no lock is needed.
Should it be killed, the kernel asks each child to end (PR_SET_PDEATHSIG), and the run file tells
the next `bin/up` or `bin/down` what to look for.
"""

import os
import selectors
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType, TracebackType

from ops.child import Child, Program
from ops.console import GREY, paint, say
from ops.errors import OperationError, cure_for
from ops.logs import last_words
from ops.process import STORES, Known

GRACE = 10.0  # seconds between asking a process to end and killing it
TICK = 0.05  # seconds the loop sleeps at most while something is waited for
PROBE = 0.1  # seconds between two questions whether something is ready
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked to stop (Ctrl-C, bin/down) while something was being waited for."""


class Supervisor:
    """Runs programs until it is asked to stop; use it as a context manager.

    `changed` is called with the running processes whenever one started or ended.
    """

    def __init__(self, log_dir: Path, changed: Callable[[dict[str, Known]], None]) -> None:
        self.children: dict[str, Child] = {}
        self.asked = 0
        self._log_dir = log_dir
        self._changed = changed
        self._selector = selectors.DefaultSelector()
        self._previous: dict[int, object] = {}

    def __enter__(self) -> "Supervisor":
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._previous_wake = signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for sig in SIGNALS:
            if signal.getsignal(sig) is not signal.SIG_IGN:  # nohup stays nohup
                self._previous[sig] = signal.signal(sig, self._ask)
        self._previous[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_all()
        signal.set_wakeup_fd(self._previous_wake)
        for sig, handler in self._previous.items():
            signal.signal(sig, handler)  # type: ignore[arg-type]
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1

    def start(self, program: Program) -> Child:
        """Start a program and look after it from now on."""
        child = Child.of(program, self._log_dir)
        self.children[program.name] = child
        self._launch(child)
        return child

    def _launch(self, child: Child) -> None:
        try:
            output = child.start()
        except OSError as error:
            raise OperationError(f"{child.name} cannot be started: {error}.") from None
        self._selector.register(output, selectors.EVENT_READ, child)
        self._tell_changed()

    def _tell_changed(self) -> None:
        running = {name: child.known for name, child in self.children.items()}
        self._changed({name: known for name, known in running.items() if known})

    def wait_for(
        self, ready: Callable[[], bool], what: str, seconds: float, children: Iterable[Child]
    ) -> None:
        """Run the loop until `ready`; raises OperationError when it takes too long or one dies."""
        end = time.monotonic() + seconds
        watched = list(children)
        while not ready():
            self._turn_for(PROBE)
            broken = next((child for child in watched if child.failures > 1), None)
            if broken or time.monotonic() > end:
                names = [broken] if broken else watched
                raise OperationError(
                    f"{what} did not start"
                    + (": " if broken else f" within {seconds:.0f} s: ")
                    + "; ".join(f"{one.name}: {last_words(one.log.path)}" for one in names)
                    + ".",
                    f"The whole log is in {self._log_dir}.",
                )

    def finish(self, program: Program) -> None:
        """Run a program to its end; raises OperationError with its last words if it fails."""
        (self._log_dir / f"{program.name}.log").unlink(missing_ok=True)
        child = self.start(program)
        while child.running:
            self._turn()
        del self.children[program.name]
        child.log.close()
        if child.exit_code:
            words = last_words(child.log.path)
            cure = cure_for(words, f"The whole log is {child.log.path}.")
            raise OperationError(f"{program.name} failed: {words}.", cure)

    def run(self) -> None:
        """Look after everything until somebody asks to stop."""
        try:
            while True:
                self._turn(pause=None)
        except Interrupted:
            return

    def _turn(self, pause: float | None = TICK) -> None:
        """One round: hear what the children say, bury the dead, start what is due."""
        if self.asked:
            raise Interrupted
        self._listen(self._until_due() if pause is None else pause)
        for child in list(self.children.values()):
            self._tend(child)

    def _turn_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._turn()

    def _until_due(self) -> float | None:
        dues = [child.due for child in self.children.values() if child.due is not None]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def _listen(self, seconds: float | None) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                os.read(self._wake_read, 4096)
                continue
            self._hear(key.data, key.fd)

    def _hear(self, child: Child, output: int) -> None:
        try:
            lines = child.read()
        except EOFError:
            self._selector.unregister(output)
            return
        for line in lines:
            self._show(child, line)

    def _output_of(self, child: Child) -> int | None:
        keys = self._selector.get_map().values()
        return next((key.fd for key in keys if key.data is child), None)

    def _show(self, child: Child, line: str) -> None:
        if child.program.colour and line:
            say(f"{paint(f'{child.name:<8} │', child.program.colour)} {line}")

    def _tend(self, child: Child) -> None:
        if child.process and child.process.poll() is not None:
            self._bury(child)
        elif child.due is not None and child.due <= time.monotonic():
            self._launch(child)

    def _bury(self, child: Child) -> None:
        for _ in range(1000):  # its last words; what it started may hold the pipe open for ever
            if (output := self._output_of(child)) is None:
                break
            self._hear(child, output)
        if (output := self._output_of(child)) is not None:
            self._selector.unregister(output)
        child.reap()
        self._tell_changed()
        if child.due is not None:
            pause = child.due - time.monotonic()
            note = f"ended with {child.exit_code}; starts again in {pause:.0f} s"
            child.log.write(note.encode())
            self._show(child, paint(note, GREY))

    def stop_all(self) -> None:
        """End everything, the last started first; PostgreSQL and Redis after those who use them.

        Asking once more (a second Ctrl-C) kills at once.
        """
        users = [child for name, child in self.children.items() if name not in STORES]
        self._stop(users)
        for name in STORES:
            if name in self.children:
                self._stop([self.children[name]])
        self._changed({})

    def _stop(self, children: list[Child]) -> None:
        for child in children:
            child.end(child.program.command.stop_signal)
        asked, end = self.asked, time.monotonic() + GRACE
        while any(child.running for child in children):
            if self.asked > asked or time.monotonic() > end:
                for child in children:
                    child.end(signal.SIGKILL)
            self._listen(TICK)
            for child in children:
                self._tend(child)

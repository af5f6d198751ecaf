"""Small facts about processes, and starting one so that it cannot outlive us by accident."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STORES = ("redis", "postgres")  # ended after all other processes, in this order
PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Command:
    """A program to run: what, where, with which environment, as whom, and how it is stopped."""

    argv: Sequence[str | Path]
    cwd: Path
    env: Mapping[str, str]
    uid: int | None = None
    gid: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM

    def popen(self, **options: object) -> subprocess.Popen[bytes]:
        """Start it in its own session, with `options` of subprocess.Popen on top."""
        if self.uid is not None:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.Popen(  # type: ignore[call-overload]
            [str(part) for part in self.argv],
            cwd=self.cwd,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **options,
        )


def die_with_parent(sig: signal.Signals) -> Callable[[], None]:
    """A preexec_fn that makes Linux send `sig` to the child when this process is gone.

    It runs after the change of user, which would clear the setting (prctl(2)).
    """
    parent = os.getpid()

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, sig)
            if os.getppid() != parent:
                os.kill(os.getpid(), sig)

    return ask


def identity(pid: int) -> str:
    """What tells this process from a later one with the same number; empty when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return _identity_by_ps(pid) if not Path("/proc/self/stat").exists() else ""
    return "" if fields[0] in "ZX" else f"{boot}:{fields[19]}"


def _identity_by_ps(pid: int) -> str:
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()


def stop_group(pid: int, sig: signal.Signals = signal.SIGTERM, grace: float = 10) -> None:
    """Ask a session's leader and its children to end; kill what is left after `grace` seconds."""
    for each in (sig, signal.SIGKILL):
        if not signal_group(pid, each) or _gone(pid, grace):
            return


def signal_group(pid: int, sig: signal.Signals) -> bool:
    """Signal a process group; False when there is none any more."""
    try:
        os.killpg(pid, sig)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _gone(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        if not identity(pid):
            return True
        time.sleep(0.05)
    return False


@dataclass(frozen=True)
class Known:
    """A process as written into a file: number and identity, so that a reused number is noticed."""

    pid: int
    identity: str = field(default="")

    @classmethod
    def of(cls, pid: int) -> "Known":
        """The running process `pid` as it is now."""
        return cls(pid, identity(pid))

    @classmethod
    def of_self(cls) -> "Known":
        """This process."""
        return cls.of(os.getpid())

    def alive(self) -> bool:
        """Whether that very process still runs."""
        return bool(self.identity) and identity(self.pid) == self.identity

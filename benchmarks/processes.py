"""Processes of a benchmark and the CPU time they use, ended ones included."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from ops.process import Command

TICKS = os.sysconf("SC_CLK_TCK")
STOP_SECONDS = 15


@dataclass(frozen=True)
class Family:
    """A process and all that descend from it."""

    pid: int

    def cpu_seconds(self) -> float:
        """User and system time so far, with that of children that ended (proc(5))."""
        return sum(_cpu(pid) for pid in self._members())

    def signal(self, number: signal.Signals) -> None:
        """Signal every member."""
        for pid in self._members():
            os.kill(pid, number)

    def _members(self) -> list[int]:
        children: dict[int, list[int]] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            fields = _stat(int(folder.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(folder.name))
        found = [self.pid]
        for one in found:
            found.extend(children.get(one, []))
        return found


@dataclass(frozen=True)
class Meter:
    """CPU seconds of named families since `start`."""

    families: Mapping[str, Family]
    before: Mapping[str, float]

    @classmethod
    def start(cls, families: Mapping[str, Family]) -> "Meter":
        """Begin to count."""
        return cls(families, {name: one.cpu_seconds() for name, one in families.items()})

    def read(self) -> dict[str, float]:
        """CPU seconds used since the start, by name."""
        return {name: one.cpu_seconds() - self.before[name] for name, one in self.families.items()}


def parent_of(pid: int) -> int:
    """The process that started `pid`; raises ProcessLookupError when it is gone."""
    fields = _stat(pid)
    if not fields:
        raise ProcessLookupError(pid)
    return int(fields[1])


def of_postgres(url: str) -> Family:
    """The server behind an address: the parent of the process that serves us."""
    with psycopg.connect(url) as server:
        return Family(parent_of(server.info.backend_pid))


def of_redis(url: str) -> Family:
    """The Redis behind an address."""
    return Family(int(redis.Redis.from_url(url).info("server")["process_id"]))


@contextmanager
def running(command: Command, **options: object) -> Iterator["subprocess.Popen[bytes]"]:
    """A command, until the block ends; `options` are subprocess.Popen's."""
    process = command.popen(**options)
    try:
        yield process
    finally:
        process.send_signal(command.stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / TICKS


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name; empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []

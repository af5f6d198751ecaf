"""Which ports are free, and who has the others."""

import contextlib
import errno
import os
import socket
from pathlib import Path

from ops.errors import OperationError

LISTEN = "0A"  # the state of a listening socket in /proc/net/tcp


def require_free(host: str, ports: dict[str, int]) -> None:
    """Raise OperationError for the first setting whose port is taken, twice used or forbidden."""
    for name, port in ports.items():
        twin = next((other for other, used in ports.items() if used == port and other != name), "")
        if twin:
            raise OperationError(f"{name} and {twin} are both {port}.", "Set one of them anew.")
        problem = _bind(host, port)
        if problem == errno.EADDRINUSE:
            raise OperationError(
                f"Port {port} is taken{_by_whom(port)}.",
                f"Stop that program, or choose another port: {name}=<port> bin/up.",
            )
        if problem in (errno.EACCES, errno.EPERM):
            raise OperationError(
                f"This user may not use port {port}.",
                f"Choose one above 1023: {name}=<port> bin/up.",
            )
        if problem:
            raise OperationError(f"Port {port} cannot be used on {host}: {os.strerror(problem)}.")


def _bind(host: str, port: int) -> int:
    """The errno with which the system refuses this port; 0 when it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno or errno.EINVAL
    return 0


def _by_whom(port: int) -> str:
    """` by <program> (process <pid>)` where /proc lets us know."""
    inodes = {inode for table in ("tcp", "tcp6") for inode in _listeners(table, port)}
    for process in Path("/proc").glob("[0-9]*"):
        if inodes & _open_sockets(process):
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            return f" by “{words.strip()[:80]}” (process {process.name})"
    return " by another program"


def _open_sockets(process: Path) -> set[str]:
    """The inodes of a process's sockets, as far as this user may see them."""
    inodes = set()
    with contextlib.suppress(OSError):
        for link in (process / "fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                inodes.add(link.readlink().name.removeprefix("socket:[").removesuffix("]"))
    return inodes


def _listeners(table: str, port: int) -> set[str]:
    """The socket inodes that listen at a port, from /proc/net/tcp (proc(5))."""
    try:
        rows = [line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    except OSError:
        return set()
    return {row[9] for row in rows if row[3] == LISTEN and int(row[1].split(":")[1], 16) == port}


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses just now on this machine."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()

